#include "untrained.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "dfpipe/random.hpp"

namespace dfpipe::detector {

void fill_untrained(const std::map<std::string, at::Tensor>& tensors, std::uint64_t seed) {
  for (const auto& [name, tensor] : tensors) {
    if (tensor.scalar_type() == at::kLong) continue;
    float* const at = tensor.data_ptr<float>();
    Random random(seed, Random::hash(name));
    const bool embedding = name.ends_with("class_embedding") || name.ends_with("position_embedding.weight");
    const bool is_one = name.ends_with("running_var") || (tensor.dim() == 1 && name.ends_with(".weight"));
    double deviation = embedding ? 0.5 : 0;
    if (!embedding && tensor.dim() > 1)
      deviation = std::sqrt(1.5 * static_cast<double>(tensor.size(0)) / static_cast<double>(tensor.numel()));
    if (name == "classifier.3.weight") deviation *= 0.05;  // weights that know nothing should not sound sure
    for (std::int64_t i = 0; i < tensor.numel(); ++i)
      at[i] = is_one ? 1.0f : static_cast<float>(deviation > 0 ? deviation * random.normal() : 0.0);
  }
}

}  // namespace dfpipe::detector
