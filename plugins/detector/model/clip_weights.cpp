#include <ATen/ATen.h>

#include <array>
#include <set>
#include <string_view>

#include "checkpoint.hpp"
#include "clip_vision.hpp"
#include "error.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::string_view prefix = "vision_model.";

/// What a whole CLIP checkpoint has besides the vision tower, and buffers without information.
bool is_passed_over(std::string_view name) {
  return name.starts_with("text_model.") || name == "logit_scale" || name == "text_projection.weight" ||
         name == "visual_projection.weight" || name.ends_with("position_ids");
}

}  // namespace

/// Calls `visit(name without prefix, tensor)` for every weight, q, k and v one by one.
template <class Visit>
void ClipVision::visit(Visit visit) {
  const auto norm = [&](const std::string& name, Norm& n) {
    visit(name + ".weight", n.weight);
    visit(name + ".bias", n.bias);
  };
  const auto linear = [&](const std::string& name, Linear& l) {
    visit(name + ".weight", l.weight);
    visit(name + ".bias", l.bias);
  };
  visit("embeddings.class_embedding", weights_.class_embedding);
  visit("embeddings.patch_embedding.weight", weights_.patch_weight);
  visit("embeddings.position_embedding.weight", weights_.positions);
  norm("pre_layrnorm", weights_.pre_norm);  // spelt so in every published file
  for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
    const std::string layer = "encoder.layers." + std::to_string(i) + ".";
    norm(layer + "layer_norm1", weights_.layers[i].norm1);
    linear(layer + "self_attn.q_proj", weights_.layers[i].q);
    linear(layer + "self_attn.k_proj", weights_.layers[i].k);
    linear(layer + "self_attn.v_proj", weights_.layers[i].v);
    linear(layer + "self_attn.out_proj", weights_.layers[i].out);
    norm(layer + "layer_norm2", weights_.layers[i].norm2);
    linear(layer + "mlp.fc1", weights_.layers[i].fc1);
    linear(layer + "mlp.fc2", weights_.layers[i].fc2);
  }
  norm("post_layernorm", weights_.post_norm);
}

ClipVision::ClipVision(const ClipConfig& config, at::Device device) : config_(config) {
  const std::int64_t d = config.hidden_size, m = config.intermediate_size;
  const auto empty = [device](std::vector<std::int64_t> sizes) { return at::empty(sizes, at::device(device)); };
  const auto norm = [&] { return Norm{empty({d}), empty({d})}; };
  const auto linear = [&](std::int64_t in, std::int64_t out) {
    return Linear{empty({out, in}), empty({out}), nullptr};
  };
  weights_.patch_weight = empty({d, 3, config.patch_size, config.patch_size});
  weights_.class_embedding = empty({d});
  weights_.positions = empty({config.tokens(), d});
  weights_.pre_norm = norm();
  weights_.post_norm = norm();
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    EncoderLayer layer;
    layer.norm1 = norm();
    layer.norm2 = norm();
    layer.q = linear(d, d);
    layer.k = linear(d, d);
    layer.v = linear(d, d);
    layer.out = linear(d, d);
    layer.fc1 = linear(d, m);
    layer.fc2 = linear(m, d);
    weights_.layers.push_back(std::move(layer));
  }
}

ClipVision ClipVision::load(const std::filesystem::path& folder) { return read(folder, Storage::own); }

ClipVision ClipVision::map(const std::filesystem::path& folder) { return read(folder, Storage::mapped); }

std::map<std::string, std::string> ClipVision::match(const ClipConfig& config, const Checkpoint& checkpoint) {
  const std::filesystem::path& folder = checkpoint.folder();
  // All names are settled before memory is asked for: a wrong folder is told at once and in full.
  std::map<std::string, std::string> in_file;  // our name to the file's
  for (const auto& [name, file] : checkpoint.names()) {
    if (is_passed_over(name)) continue;
    const std::string ours(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
    if (!in_file.emplace(ours, name).second)
      throw ModelError(folder.string() + ": '" + ours + "' is there with and without the prefix vision_model.");
  }
  ClipVision shape(config, at::kMeta);
  std::vector<std::string> missing, wrong_shape;
  std::map<std::string, std::string> unknown = in_file;
  shape.visit([&](const std::string& name, at::Tensor& tensor) {
    const auto found = in_file.find(name);
    if (found == in_file.end()) {
      missing.push_back(std::string(prefix) + name);
      return;
    }
    unknown.erase(name);
    const TensorEntry& entry = checkpoint.file_of(found->second).entry(found->second);
    if (tensor.sizes() != at::IntArrayRef(entry.shape))
      wrong_shape.push_back(found->second + " is " + shape_text(entry.shape) + " instead of " +
                            shape_text(tensor.sizes()));
    else if (!c10::isFloatingType(entry.dtype))
      wrong_shape.push_back(found->second + " holds whole numbers");
  });
  std::vector<std::string> unknown_names;
  for (const auto& [ours, name] : unknown) unknown_names.push_back(name);
  std::string wrong;
  if (!missing.empty()) wrong += "; missing: " + list_text(missing);
  if (!unknown_names.empty()) wrong += "; unknown: " + list_text(unknown_names);
  if (!wrong_shape.empty()) wrong += "; does not fit config.json: " + list_text(wrong_shape);
  if (!wrong.empty()) throw ModelError(folder.string() + ": no CLIP vision model of this shape" + wrong);
  return in_file;
}

ClipVision ClipVision::read(const std::filesystem::path& folder, Storage storage) {
  const ClipConfig config = read_clip_config(folder / "config.json");
  const Checkpoint checkpoint(folder);
  const std::map<std::string, std::string> in_file = match(config, checkpoint);
  ClipVision model(config, at::kMeta);
  model.visit([&](const std::string& name, at::Tensor& tensor) {
    const std::string& key = in_file.at(name);
    const SafetensorsFile& file = checkpoint.file_of(key);
    tensor = storage == Storage::mapped ? file.view(key) : file.load(key).to(at::kFloat);
    require_finite(tensor, file.path().string() + ": tensor '" + key + "'");
    if (storage == Storage::mapped) file.forget(key);
  });
  return model;
}

std::map<std::string, at::Tensor> ClipVision::parameters() const {
  std::map<std::string, at::Tensor> all;
  const_cast<ClipVision*>(this)->visit(
      [&](const std::string& name, at::Tensor& tensor) { all.emplace(std::string(prefix) + name, tensor); });
  return all;
}

std::int64_t ClipVision::parameter_count() const {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : parameters()) count += tensor.numel();
  return count;
}

void ClipVision::to(at::Device device, at::ScalarType dtype) {
  const auto convert = [&](at::Tensor& t) { t = t.to(device, dtype); };
  visit([&](const std::string&, at::Tensor& tensor) {
    if (tensor.device() != device || tensor.scalar_type() != dtype) convert(tensor);
  });
  for (EncoderLayer& layer : weights_.layers)
    for (Linear* linear : {&layer.q, &layer.k, &layer.v, &layer.out, &layer.fc1, &layer.fc2}) {
      if (!linear->adapter) continue;
      convert(linear->adapter->a);
      convert(linear->adapter->b);
      if (linear->adapter->is_dora()) convert(linear->adapter->magnitude);
    }
}

Linear* ClipVision::projection(const std::string& name) {
  Linear* found = nullptr;
  for (std::size_t i = 0; i < weights_.layers.size() && found == nullptr; ++i) {
    const std::string layer = "encoder.layers." + std::to_string(i) + ".";
    EncoderLayer& l = weights_.layers[i];
    const std::pair<const char*, Linear*> parts[] = {{"self_attn.q_proj", &l.q}, {"self_attn.k_proj", &l.k},
                                                     {"self_attn.v_proj", &l.v}, {"self_attn.out_proj", &l.out},
                                                     {"mlp.fc1", &l.fc1},        {"mlp.fc2", &l.fc2}};
    for (const auto& [part, linear] : parts)
      if (name == layer + part) found = linear;
  }
  return found;
}

void ClipVision::detach() {
  visit([](const std::string&, at::Tensor& tensor) { tensor = tensor.detach(); });
}

void ClipVision::merge_adapters() {
  const at::NoGradGuard constant;
  for (EncoderLayer& layer : weights_.layers)
    for (Linear* const linear : {&layer.q, &layer.k, &layer.v, &layer.out, &layer.fc1, &layer.fc2}) {
      if (!linear->adapter) continue;
      linear->weight = linear->merged_weight();
      linear->adapter.reset();
    }
}

}  // namespace dfpipe::detector
