#include "model_inventory.hpp"

#include <ATen/ATen.h>

#include <functional>
#include <set>

#include "checkpoint.hpp"
#include "clip_vision.hpp"
#include "error.hpp"
#include "heads.hpp"

namespace dfpipe::detector {
namespace {

void add(PartInventory& part, const std::vector<std::int64_t>& shape, at::ScalarType dtype) {
  part.parameters += c10::multiply_integers(shape);
  ++part.dtypes[safetensors_dtype(dtype)];
}

void take_clip(const ModelLayout& layout, ModelInventory& inventory) {
  const ClipConfig config = read_clip_config(layout.clip / "config.json");
  inventory.config = config;
  const Checkpoint checkpoint(layout.clip);
  PartInventory part;
  for (const auto& [ours, name] : ClipVision::match(config, checkpoint)) {
    const TensorEntry& entry = checkpoint.file_of(name).entry(name);
    add(part, entry.shape, entry.dtype);
  }
  inventory.parts["clip"] = part;
}

/// Returns the width of the CLIP that the adapters are for, 0 when they do not tell.
std::int64_t take_adapters(const ModelLayout& layout, ModelInventory& inventory) {
  const SafetensorsFile file(layout.adapters / "adapter_model.safetensors");
  PartInventory part;
  AdapterInventory adapters;
  std::set<std::string> targets;
  std::int64_t width = 0;
  for (const auto& [name, entry] : file.entries()) {
    const std::size_t at = name.rfind(".lora_");
    if (at == std::string::npos)
      throw ModelError(file.path().string() + ": tensor '" + name + "' belongs to no adapter");
    add(part, entry.shape, entry.dtype);
    targets.insert(name.substr(name.rfind('.', at - 1) + 1, at - name.rfind('.', at - 1) - 1));
    adapters.dora = adapters.dora || name.compare(at, 22, ".lora_magnitude_vector") == 0;
    if (name.compare(at, 7, ".lora_A") != 0 || entry.shape.size() != 2) continue;
    adapters.rank = entry.shape[0];
    if (name.find("self_attn") != std::string::npos) width = entry.shape[1];
  }
  adapters.targets.assign(targets.begin(), targets.end());
  inventory.parts["adapters"] = part;
  inventory.adapters = adapters;
  return width;
}

void take_heads(const ModelLayout& layout, std::int64_t width, ModelInventory& inventory) {
  const std::map<std::string, TensorKind> tensors = list_heads(layout.heads);
  for (const auto& [name, kind] : tensors) {
    const bool buffer = name.find("running_") != std::string::npos || name.ends_with("num_batches_tracked");
    PartInventory& part = inventory.parts[name.substr(0, name.find('.'))];
    if (buffer)
      ++part.dtypes[safetensors_dtype(kind.dtype)];
    else
      add(part, kind.shape, kind.dtype);
  }
  const Heads heads = Heads::load(layout.heads, width);
  inventory.labels = heads.id2label;
  inventory.trained = heads.trained;
}

}  // namespace

ModelInventory ModelInventory::take(const ModelLayout& layout) {
  ModelInventory inventory;
  const auto part = [&](const std::function<void()>& take) {
    try {
      take();
    } catch (const ModelError& e) {
      inventory.problems.push_back(e.what());
    }
  };
  std::int64_t width = 0;
  using Kind = ModelLayout::Kind;
  if (layout.kind == Kind::merged) part([&] { layout.require_clip(); });
  if (!layout.clip.empty()) part([&] { take_clip(layout, inventory); });
  if (!layout.adapters.empty()) part([&] { width = take_adapters(layout, inventory); });
  if (inventory.config) width = inventory.config->hidden_size;
  if (layout.kind == Kind::merged || layout.kind == Kind::training) part([&] { layout.require_heads(); });
  if (!layout.heads.empty() && width > 0) part([&] { take_heads(layout, width, inventory); });
  return inventory;
}

}  // namespace dfpipe::detector
