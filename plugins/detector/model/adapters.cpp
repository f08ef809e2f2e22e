#include "adapters.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <string_view>

#include "checkpoint.hpp"
#include "error.hpp"
#include "safetensors.hpp"
#include "temporary_file.hpp"
#include "uniform_numbers.hpp"

namespace dfpipe::detector {
namespace {

const std::string prefix = "base_model.model.vision_model.";

/// "base_model.model.vision_model.encoder…q_proj.lora_A.weight" -> ("encoder…q_proj", "lora_A")
std::pair<std::string, std::string> split_key(std::string_view key) {
  for (const std::string_view lead : {"base_model.model.", "vision_model."})
    if (key.starts_with(lead)) key.remove_prefix(lead.size());
  const std::size_t at = key.rfind(".lora_");
  if (at == std::string_view::npos) return {};
  std::string_view part = key.substr(at + 1);
  if (part.ends_with(".weight")) part.remove_suffix(7);
  return {std::string(key.substr(0, at)), std::string(part)};
}

/// Every projection by its name.
std::map<std::string, Linear*> projections(ClipVision& model) {
  std::map<std::string, Linear*> all;
  for (std::size_t i = 0; i < model.layers().size(); ++i)
    for (const char* const part :
         {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2"}) {
      const std::string name = "encoder.layers." + std::to_string(i) + "." + part;
      all.emplace(name, model.projection(name));
    }
  return all;
}

/// Those that get an adapter. PEFT adapts embeddings too; an adapter that wants that is refused.
std::map<std::string, Linear*> selected(ClipVision& model, const AdapterConfig& config, const std::string& where) {
  for (const char* const other : {"embeddings.patch_embedding", "embeddings.position_embedding"})
    if (config.selects(other))
      throw ModelError(where + "target_modules selects " + other + ", but only linear projections can have an adapter");
  std::map<std::string, Linear*> all = projections(model);
  std::erase_if(all, [&](const auto& projection) { return !config.selects(projection.first); });
  if (all.empty()) throw ModelError(where + "target_modules selects no projection of this model");
  return all;
}

void require_shape(const at::Tensor& tensor, std::vector<std::int64_t> wanted, const std::string& where) {
  if (!tensor.defined()) throw ModelError(where + " is missing");
  if (tensor.sizes() != at::IntArrayRef(wanted))
    throw ModelError(where + " is " + shape_text(tensor.sizes()) + " instead of " + shape_text(wanted) +
                     "; was the adapter made for another base?");
}

/// The file's tensors, by module. Names that fit no projection are refused.
std::map<std::string, Adapter> read_tensors(ClipVision& model, const SafetensorsFile& file, bool dora) {
  const std::string where = file.path().string() + ": ";
  std::map<std::string, Adapter> adapters;
  std::vector<std::string> unknown;
  for (const auto& [key, entry] : file.entries()) {
    const auto [module, part] = split_key(key);
    if (model.projection(module) == nullptr ||
        (part != "lora_A" && part != "lora_B" && !(dora && part == "lora_magnitude_vector"))) {
      unknown.push_back(key);
      continue;
    }
    if (!c10::isFloatingType(entry.dtype)) throw ModelError(where + "tensor '" + key + "' holds whole numbers");
    Adapter& adapter = adapters[module];
    at::Tensor& tensor = part == "lora_A" ? adapter.a : part == "lora_B" ? adapter.b : adapter.magnitude;
    if (tensor.defined()) throw ModelError(where + module + "." + part + " is there under two names");
    tensor = file.load(key).to(model.device(), model.dtype());
    require_finite(tensor, where + "tensor '" + key + "'");
  }
  if (!unknown.empty()) throw ModelError(where + "these tensors fit no projection of this base: " + list_text(unknown));
  if (adapters.empty()) throw ModelError(where + "holds no adapter");
  return adapters;
}

/// Half an adapter would be loaded without a word and give other scores.
void require_same_modules(const std::map<std::string, Adapter>& adapters, const std::map<std::string, Linear*>& wanted,
                          const std::string& where) {
  std::vector<std::string> missing, unwanted;
  for (const auto& [module, linear] : wanted)
    if (!adapters.contains(module)) missing.push_back(module);
  for (const auto& [module, adapter] : adapters)
    if (!wanted.contains(module)) unwanted.push_back(module);
  if (!missing.empty()) throw ModelError(where + "these projections have no adapter: " + list_text(missing));
  if (!unwanted.empty())
    throw ModelError(where + "adapter_config.json does not select these projections, but they have an adapter: " +
                     list_text(unwanted));
}

}  // namespace

AdapterConfig load_adapters(ClipVision& model, const std::filesystem::path& folder) {
  const std::filesystem::path config_file = folder / "adapter_config.json";
  AdapterConfig config = read_adapter_config(config_file);
  const auto wanted = selected(model, config, config_file.string() + ": ");
  const SafetensorsFile file(folder / "adapter_model.safetensors");
  const std::string where = file.path().string() + ": ";

  std::map<std::string, Adapter> adapters = read_tensors(model, file, config.dora);
  require_same_modules(adapters, wanted, where);
  for (auto& [module, adapter] : adapters) {
    const at::Tensor& weight = wanted.at(module)->weight;
    const std::int64_t rank = config.rank_of(module);
    require_shape(adapter.a, {rank, weight.size(1)}, where + module + ".lora_A");
    require_shape(adapter.b, {weight.size(0), rank}, where + module + ".lora_B");
    if (config.dora) require_shape(adapter.magnitude, {weight.size(0)}, where + module + ".lora_magnitude_vector");
    adapter.scaling = config.scaling_of(module);
    adapter.dropout = config.dropout;
  }
  for (auto& [module, adapter] : adapters) wanted.at(module)->adapter = std::make_shared<Adapter>(std::move(adapter));
  return config;
}

void add_adapters(ClipVision& model, const AdapterConfig& config, std::uint64_t seed) {
  const at::NoGradGuard constant;
  for (const auto& [module, linear] : selected(model, config, "")) {
    const at::Tensor& weight = linear->weight;
    const std::int64_t rank = config.rank_of(module), in = weight.size(1);
    auto adapter = std::make_shared<Adapter>();
    adapter->a =
        uniform_numbers({rank, in}, module, seed).div_(std::sqrt(static_cast<double>(in))).to(weight.options());
    adapter->b = at::zeros({weight.size(0), rank}, weight.options());
    if (config.dora) adapter->magnitude = at::linalg_vector_norm(weight, 2, at::IntArrayRef{1});
    adapter->scaling = config.scaling_of(module);
    adapter->dropout = config.dropout;
    linear->adapter = std::move(adapter);
  }
}

std::map<std::string, at::Tensor> adapter_parameters(ClipVision& model) {
  std::map<std::string, at::Tensor> all;
  for (const auto& [module, linear] : projections(model)) {
    if (!linear->adapter) continue;
    all.emplace(prefix + module + ".lora_A.weight", linear->adapter->a);
    all.emplace(prefix + module + ".lora_B.weight", linear->adapter->b);
    if (linear->adapter->is_dora()) all.emplace(prefix + module + ".lora_magnitude_vector", linear->adapter->magnitude);
  }
  return all;
}

void save_adapters(ClipVision& model, const AdapterConfig& config, const std::filesystem::path& folder) {
  const std::string where = folder.string() + ": ";
  std::map<std::string, Adapter> adapters;
  for (const auto& [module, linear] : projections(model))
    if (linear->adapter) adapters.emplace(module, *linear->adapter);
  require_same_modules(adapters, selected(model, config, where), where);
  for (const auto& [module, adapter] : adapters)
    if (adapter.a.size(0) != config.rank_of(module) || adapter.scaling != config.scaling_of(module) ||
        adapter.is_dora() != config.dora)
      throw ModelError(where + "the adapter of " + module + " was not made with these settings");

  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw ModelError(where + "cannot be created: " + failed.message());
  write_safetensors(folder / "adapter_model.safetensors", adapter_parameters(model), {{"format", "pt"}});
  const std::string text = adapter_config_text(config);
  TemporaryFile file(folder / "adapter_config.json");
  file.write(text.data(), text.size());
  file.publish();
}

}  // namespace dfpipe::detector
