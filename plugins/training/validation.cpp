#include "validation.hpp"

#include <ATen/ATen.h>

#include <set>

#include "ranking.hpp"
#include "roc.hpp"

namespace dfpipe::training {

std::int64_t count_correct(const at::Tensor& probabilities, const at::Tensor& labels) {
  return probabilities.select(1, 1)
      .ge(0.5)
      .to(at::kLong)
      .eq(labels.to(probabilities.device()))
      .sum()
      .item<std::int64_t>();
}

void Validation::add(double loss, const at::Tensor& probabilities, const BatchLabels& batch) {
  const at::Tensor scores = probabilities.select(1, 1).to(at::kCPU, at::kDouble).contiguous();
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    labels_.push_back(batch.samples[i].label);
    scores_.push_back(scores.data_ptr<double>()[i]);
    datasets_.push_back(batch.samples[i].dataset);
  }
  loss_ += loss * static_cast<double>(batch.samples.size());
  failed_ += batch.failed;
}

ValidationResult Validation::result() const {
  ValidationResult result;
  result.images = images();
  result.failed = failed_;
  if (labels_.empty()) return result;
  const auto count = static_cast<double>(labels_.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels_.size(); ++i) right += (scores_[i] >= 0.5) == (labels_[i] == 1) ? 1 : 0;
  result.loss = loss_ / count;
  result.accuracy = static_cast<double>(right) / count;
  if (const auto roc = metrics::roc_curve(metrics::Ranking(labels_, scores_).counts())) {
    result.auc = metrics::area(*roc);
    result.eer = metrics::eer_interpolated(*roc);
  }
  for (const std::string& name : std::set<std::string>(datasets_.begin(), datasets_.end())) {
    std::vector<std::int64_t> labels;
    std::vector<double> scores;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (datasets_[i] != name) continue;
      labels.push_back(labels_[i]);
      scores.push_back(scores_[i]);
    }
    if (const auto roc = metrics::roc_curve(metrics::Ranking(labels, scores).counts()))
      result.auc_by_dataset[name] = metrics::area(*roc);
  }
  return result;
}

}  // namespace dfpipe::training
