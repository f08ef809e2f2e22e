#include "adapters.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <string_view>

#include "checkpoint.hpp"
#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

struct AdapterConfig {
  std::int64_t rank = 8;  // PEFT's defaults
  double scaling = 1;
  double dropout = 0;
  bool dora = false;
};

bool is_set(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && !found->is_null() && *found != false && !found->empty();
}

double number(const nlohmann::json& json, const char* key, double otherwise, const std::string& file) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return otherwise;
  if (!found->is_number() || !std::isfinite(found->get<double>()))
    throw ModelError(file + ": " + key + " is no number");
  return found->get<double>();
}

AdapterConfig read_config(const std::filesystem::path& path) {
  const nlohmann::json json = read_json_object(path);
  const std::string file = path.string();
  if (json.value("peft_type", nlohmann::json("LORA")) != "LORA")
    throw ModelError(file + ": only peft_type LORA is supported");
  if (json.value("bias", nlohmann::json("none")) != "none") throw ModelError(file + ": only bias none is supported");
  for (const char* const key :
       {"fan_in_fan_out", "rank_pattern", "alpha_pattern", "modules_to_save", "layer_replication"})
    if (is_set(json, key)) throw ModelError(file + ": " + key + " is not supported");
  AdapterConfig config;
  const double rank = number(json, "r", 8, file);
  if (rank < 1 || rank > 65536 || rank != std::floor(rank))
    throw ModelError(file + ": r must be a positive whole number");
  config.rank = static_cast<std::int64_t>(rank);
  config.scaling = number(json, "lora_alpha", 8, file) / (is_set(json, "use_rslora") ? std::sqrt(rank) : rank);
  config.dropout = number(json, "lora_dropout", 0, file);
  if (config.dropout < 0 || config.dropout >= 1) throw ModelError(file + ": lora_dropout must lie in [0,1)");
  config.dora = is_set(json, "use_dora");
  return config;
}

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

void require_shape(const at::Tensor& tensor, std::vector<std::int64_t> wanted, const std::string& where) {
  if (!tensor.defined()) throw ModelError(where + " is missing");
  if (tensor.sizes() != at::IntArrayRef(wanted))
    throw ModelError(where + " is " + shape_text(tensor.sizes()) + " instead of " + shape_text(wanted) +
                     "; was the adapter made for another base?");
}

}  // namespace

void load_adapters(ClipVision& model, const std::filesystem::path& folder) {
  const AdapterConfig config = read_config(folder / "adapter_config.json");
  const SafetensorsFile file(folder / "adapter_model.safetensors");
  const std::string where = file.path().string() + ": ";

  std::map<std::string, Adapter> adapters;
  std::vector<std::string> unknown;
  for (const auto& [key, entry] : file.entries()) {
    const auto [module, part] = split_key(key);
    if (model.projection(module) == nullptr ||
        (part != "lora_A" && part != "lora_B" && !(config.dora && part == "lora_magnitude_vector"))) {
      unknown.push_back(key);
      continue;
    }
    const at::Tensor tensor = file.load(key).to(model.device(), model.dtype());
    require_finite(tensor, where + "tensor " + in_quotes(key));
    Adapter& adapter = adapters[module];
    (part == "lora_A" ? adapter.a : part == "lora_B" ? adapter.b : adapter.magnitude) = tensor;
  }
  if (!unknown.empty()) throw ModelError(where + "these tensors fit no projection of this base: " + list_text(unknown));
  if (adapters.empty()) throw ModelError(where + "holds no adapter");

  for (auto& [module, adapter] : adapters) {
    const at::Tensor& weight = model.projection(module)->weight;
    require_shape(adapter.a, {config.rank, weight.size(1)}, where + module + ".lora_A");
    require_shape(adapter.b, {weight.size(0), config.rank}, where + module + ".lora_B");
    if (config.dora) require_shape(adapter.magnitude, {weight.size(0)}, where + module + ".lora_magnitude_vector");
    adapter.scaling = config.scaling;
    adapter.dropout = config.dropout;
  }
  for (auto& [module, adapter] : adapters)
    model.projection(module)->adapter = std::make_shared<Adapter>(std::move(adapter));
}

}  // namespace dfpipe::detector
