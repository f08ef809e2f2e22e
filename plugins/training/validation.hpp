#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "batch_labels.hpp"

namespace dfpipe::training {

/// What an epoch's validation found. Of one class only, or of no pictures, values are missing.
struct ValidationResult {
  std::int64_t images = 0, failed = 0;
  std::optional<double> loss;      ///< cross entropy as in training, the mean over pictures
  std::optional<double> auc;       ///< ROC-AUC over all data sets
  std::optional<double> accuracy;  ///< at 0.5
  std::optional<double> eer;       ///< interpolated
  std::map<std::string, double> auc_by_dataset;
};

/// Gathers an epoch's validation batches.
class Validation {
 public:
  /// `probabilities` [B,2] of the rows of `batch`, `loss` their mean cross entropy.
  void add(double loss, const at::Tensor& probabilities, const BatchLabels& batch);
  /// A batch of which nothing could be read.
  void add_failed(std::int64_t count) { failed_ += count; }
  ValidationResult result() const;
  void clear() { *this = {}; }
  std::int64_t images() const { return static_cast<std::int64_t>(labels_.size()); }

 private:
  std::vector<std::int64_t> labels_;
  std::vector<double> scores_;
  std::vector<std::string> datasets_;
  double loss_ = 0;
  std::int64_t failed_ = 0;
};

/// How many of the rows are called right at 0.5.
std::int64_t count_correct(const at::Tensor& probabilities, const at::Tensor& labels);

}  // namespace dfpipe::training
