#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model_layout.hpp"
#include "trainable_model.hpp"

namespace dfpipe::detector {

/// PEFT's settings for new adapters. Throws ModelError for targets that are no projections.
AdapterConfig new_adapters(std::int64_t rank, double alpha, double dropout, bool dora,
                           const std::vector<std::string>& targets);

/// What a training starts from.
struct TrainingStart {
  ModelLayout layout;
  bool all = false;           ///< every weight learns; else adapters do
  bool from_scratch = false;  ///< only CLIP's configuration is read; wants `all`
  bool keep_heads = true;     ///< take the folder's heads, where they are trained
  AdapterConfig adapters;     ///< where the folder has none to go on with
  std::int64_t projection = 128;
  double classifier_dropout = 0.1;
  std::uint64_t seed = 0;

  /// Throws ModelError.
  std::unique_ptr<TrainableModel> make(at::Device device, at::ScalarType precision) const;
  /// Those that `make` reads.
  std::vector<ModelFile> files() const;

 private:
  ClipVision clip(std::optional<AdapterConfig>& settings) const;
  Heads heads(std::int64_t clip_width) const;
  /// What adapter_config.json will name, so that snapshots find it wherever they are read from.
  std::string base_path() const;
};

}  // namespace dfpipe::detector
