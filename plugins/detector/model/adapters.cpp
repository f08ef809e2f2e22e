#include "adapters.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
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
  std::set<std::string> targets;        ///< suffixes of module names; empty: whatever the file holds
  std::optional<std::set<int>> layers;  ///< nothing: all
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

/// A list of the values of `key`, which may also hold a single one; empty when it holds something else.
template <class T>
std::set<T> values_of(const nlohmann::json& json, const char* key, bool (nlohmann::json::*right)() const noexcept) {
  std::set<T> all;
  const auto found = json.find(key);
  if (found == json.end()) return all;
  for (const nlohmann::json& value : found->is_array() ? *found : nlohmann::json::array({*found}))
    if ((value.*right)()) all.insert(value.get<T>());
  return all;
}

/// Some ways of starting an adapter move a part of the base's weights into it.
bool changes_the_base(const nlohmann::json& json) {
  const auto found = json.find("init_lora_weights");
  if (found == json.end() || !found->is_string()) return false;
  const auto& how = found->get_ref<const std::string&>();
  return std::ranges::any_of(std::array{"pissa", "olora", "loftq", "corda"},
                             [&](const char* name) { return how.starts_with(name); });
}

AdapterConfig read_config(const std::filesystem::path& path) {
  const nlohmann::json json = read_json_object(path);
  const std::string file = path.string();
  if (json.value("peft_type", nlohmann::json("LORA")) != "LORA")
    throw ModelError(file + ": only peft_type LORA is supported");
  if (json.value("bias", nlohmann::json("none")) != "none") throw ModelError(file + ": only bias none is supported");
  for (const char* const key : {"fan_in_fan_out", "rank_pattern", "alpha_pattern", "modules_to_save",
                                "layer_replication", "lora_bias", "use_qalora"})
    if (is_set(json, key)) throw ModelError(file + ": " + key + " is not supported");
  if (changes_the_base(json))
    throw ModelError(file + ": init_lora_weights " + json.at("init_lora_weights").dump() +
                     " changes the base's weights, which is not supported");
  AdapterConfig config;
  const double rank = number(json, "r", 8, file);
  if (rank < 1 || rank > 65536 || rank != std::floor(rank))
    throw ModelError(file + ": r must be a positive whole number");
  config.rank = static_cast<std::int64_t>(rank);
  config.scaling = number(json, "lora_alpha", 8, file) / (is_set(json, "use_rslora") ? std::sqrt(rank) : rank);
  config.dropout = number(json, "lora_dropout", 0, file);
  if (config.dropout < 0 || config.dropout >= 1) throw ModelError(file + ": lora_dropout must lie in [0,1)");
  config.dora = is_set(json, "use_dora");
  // A text is a regular expression of Python's.
  if (json.contains("target_modules") && json.at("target_modules").is_array() && !is_set(json, "exclude_modules"))
    config.targets = values_of<std::string>(json, "target_modules", &nlohmann::json::is_string);
  if (is_set(json, "layers_to_transform"))
    config.layers = values_of<int>(json, "layers_to_transform", &nlohmann::json::is_number_integer);
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

/// ("encoder.layers.3.self_attn.q_proj") -> (3, "self_attn.q_proj")
std::pair<int, std::string> layer_and_part(const std::string& module) {
  const std::string lead = "encoder.layers.";
  const std::size_t dot = module.find('.', lead.size());
  return {std::stoi(module.substr(lead.size())), module.substr(dot + 1)};
}

bool is_target(const std::set<std::string>& targets, const std::string& part) {
  return std::ranges::any_of(targets, [&](const std::string& t) { return part == t || part.ends_with("." + t); });
}

/// Half an adapter would be loaded without a word and give other scores: what one layer has, every layer must have.
void require_all_layers(const std::map<std::string, Adapter>& adapters, const AdapterConfig& config, int layers,
                        const std::string& where) {
  std::set<std::string> parts;
  for (const char* const part :
       {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2"})
    if (is_target(config.targets, part)) parts.insert(part);
  for (const auto& [module, adapter] : adapters) parts.insert(layer_and_part(module).second);
  std::vector<std::string> missing;
  for (int layer = 0; layer < layers; ++layer) {
    if (config.layers && !config.layers->contains(layer)) continue;
    for (const std::string& part : parts)
      if (const std::string module = "encoder.layers." + std::to_string(layer) + "." + part; !adapters.contains(module))
        missing.push_back(module);
  }
  if (!missing.empty()) throw ModelError(where + "these projections have no adapter: " + list_text(missing));
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

  require_all_layers(adapters, config, static_cast<int>(model.layers().size()), where);
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
