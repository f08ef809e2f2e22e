#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clip_config.hpp"
#include "model_layout.hpp"

namespace dfpipe::detector {

/// What a part of a model counts: numbers that training would change, and the dtypes its tensors have in the files.
struct PartInventory {
  std::int64_t parameters = 0;
  std::map<std::string, std::size_t> dtypes;  ///< "F32" to how many tensors
};

struct AdapterInventory {
  std::int64_t rank = 0;
  bool dora = false;
  std::vector<std::string> targets;  ///< the last part of the projections' names
};

/// What stands in the headers of a model's files. No weights are read but those of the heads, which are small.
struct ModelInventory {
  std::optional<ClipConfig> config;
  std::map<std::string, PartInventory> parts;  ///< "clip", "adapters", "fft_branch", "classifier", "projection_head"
  std::optional<AdapterInventory> adapters;
  std::map<int, std::string> labels;
  std::optional<bool> trained;
  std::vector<std::string> problems;  ///< a sentence for each part that is damaged or does not fit

  static ModelInventory take(const ModelLayout& layout);
};

}  // namespace dfpipe::detector
