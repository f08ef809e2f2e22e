#include "trainable_model.hpp"

#include <ATen/ATen.h>

#include <utility>

#include "adapters.hpp"
#include "clip_folder.hpp"
#include "error.hpp"
#include "torch_compat.hpp"

namespace dfpipe::detector {
namespace {

bool is_buffer(const std::string& name) {
  return name.find("running_") != std::string::npos || name.ends_with("num_batches_tracked");
}

/// Adapters in PEFT's order of modules, which is the order in which Hugging Face's layers declare their projections.
std::vector<NamedTensor> in_module_order(const std::map<std::string, at::Tensor>& adapters, std::int64_t layers) {
  std::vector<NamedTensor> ordered;
  for (std::int64_t layer = 0; layer < layers; ++layer)
    for (const char* const module :
         {"self_attn.k_proj", "self_attn.v_proj", "self_attn.q_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2"})
      for (const char* const part : {"lora_A.weight", "lora_B.weight", "lora_magnitude_vector"}) {
        const std::string name =
            "base_model.model.vision_model.encoder.layers." + std::to_string(layer) + "." + module + "." + part;
        if (const auto found = adapters.find(name); found != adapters.end()) ordered.push_back({name, found->second});
      }
  return ordered;
}

/// The heads' tensors in the order of the original's modules.
std::vector<NamedTensor> in_module_order(const Heads& heads) {
  const std::map<std::string, at::Tensor> all = heads.parameters();
  std::vector<NamedTensor> ordered;
  for (const char* const layer : {"fft_branch.0", "fft_branch.1", "fft_branch.4", "fft_branch.5", "fft_branch.9",
                                  "classifier.0", "classifier.3", "projection_head.0", "projection_head.2"})
    for (const char* const part : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
      if (const auto found = all.find(std::string(layer) + "." + part); found != all.end())
        ordered.push_back({found->first, found->second});
  return ordered;
}

}  // namespace

TrainableModel::TrainableModel(ClipVision&& clip, Heads&& heads, std::optional<AdapterConfig> adapters,
                               at::Device device, at::ScalarType precision)
    : clip_(std::move(clip)),
      heads_(std::move(heads)),
      adapters_(std::move(adapters)),
      device_(device),
      precision_(precision) {
  if (!heads_.projection_out.weight.defined()) throw ModelError("these heads have no projection head to train with");
  clip_.to(device, at::kFloat);
  heads_.to(device, at::kFloat);
  heads_.trained = true;
  list_parameters();
}

TrainableModel::~TrainableModel() = default;

void TrainableModel::list_parameters() {
  if (adapters_)
    parameters_ = in_module_order(adapter_parameters(clip_), clip_.config().num_hidden_layers);
  else
    for (const auto& [name, tensor] : clip_.parameters()) parameters_.push_back({name, tensor});
  for (NamedTensor& head : in_module_order(heads_))
    if (!is_buffer(head.name)) parameters_.push_back(std::move(head));
  for (NamedTensor& parameter : parameters_) parameter.tensor.requires_grad_(true);
}

std::vector<NamedTensor> TrainableModel::buffers() const {
  std::vector<NamedTensor> all;
  for (NamedTensor& head : in_module_order(heads_))
    if (is_buffer(head.name)) all.push_back(std::move(head));
  return all;
}

ClipOutput TrainableModel::forward(const at::Tensor& pixels, const ClipRequest& request) const {
  if (at::GradMode::is_enabled()) {
    const Autocast half(device_, precision_);
    ClipOutput out = clip_.forward(pixels, request);
    out.pooled = out.pooled.to(at::kFloat);
    return out;
  }
  std::shared_ptr<const ClipEncoder> encoder;
  {
    std::lock_guard lock(mutex_);
    if (!prepared_) prepared_ = make_encoder(merged(), device_, precision_);
    encoder = prepared_;
  }
  return encoder->forward(pixels, request);
}

std::size_t TrainableModel::weight_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : clip_.parameters()) bytes += tensor.nbytes();
  return bytes;
}

void TrainableModel::changed() {
  std::lock_guard lock(mutex_);
  prepared_.reset();
}

at::Tensor TrainableModel::project(const at::Tensor& fused) const {
  const at::Tensor hidden = at::relu(heads_.projection_hidden.forward(fused));
  const at::Tensor out = heads_.projection_out.forward(hidden);
  return out / at::linalg_vector_norm(out, 2, at::IntArrayRef{1}, true).clamp_min(1e-12);
}

/// The copy's projections share their tensors with this model until their adapters are worked in. Nothing of it records
/// gradients.
ClipVision TrainableModel::merged() const {
  const at::NoGradGuard constant;
  ClipVision copy = clip_;
  copy.merge_adapters();
  copy.detach();
  return copy;
}

void TrainableModel::save_parts(const std::filesystem::path& folder) const {
  if (!adapters_) {
    save_clip(merged(), folder / "clip_vision");
    heads_.save(folder / "head_weights.safetensors");
    return;
  }
  ClipVision copy = clip_;
  save_adapters(copy, *adapters_, folder / "dora");
  heads_.save_original(folder / "head_weights.pt");
}

}  // namespace dfpipe::detector
