#include "adapter_config.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t max_rank = 65536;

/// Keys whose values other than "nothing" mean adapters of another kind.
constexpr std::array unsupported{
    "fan_in_fan_out",    "modules_to_save",         "layer_replication",       "lora_bias",    "use_qalora",
    "target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "use_bdlora"};

/// Ways of starting an adapter that leave the base's weights as they are.
constexpr std::array plain_starts{"gaussian", "eva", "orthogonal"};

bool is_nothing(const Json& value) { return value.is_null() || value == false || value.empty(); }

bool is_whole(const Json& value, std::int64_t low, std::int64_t high) {
  return value.is_number_integer() && value >= low && value <= high;
}

std::string peft_name(const std::string& module) { return "vision_model." + module; }

/// ("vision_model.encoder.layers.3.self_attn.q_proj") -> 3
std::optional<std::int64_t> layer_of(const std::string& name) {
  const std::string lead = ".layers.";
  const std::size_t at = name.find(lead);
  if (at == std::string::npos) return std::nullopt;
  return std::strtoll(name.c_str() + at + lead.size(), nullptr, 10);
}

/// Matches every name that ends, from a dot on, with what `text` matches.
ModulePattern end_pattern(const std::string& text) { return ModulePattern("(.*\\.)?(" + text + ")"); }

/// The value of the first pattern that fits the module's name.
template <class T>
T from_pattern(const std::map<std::string, T>& patterns, const std::string& module, T otherwise) {
  for (const auto& [text, value] : patterns)
    if (end_pattern(text).matches(peft_name(module))) return value;
  return otherwise;
}

/// Takes keys out of the object one by one; what is left in the end nobody knows.
class ConfigReader {
 public:
  explicit ConfigReader(const std::filesystem::path& path) : file_(path.string()), json_(read_json_object(path)) {}

  AdapterConfig read() {
    if (const Json type = take("peft_type"); !type.is_null() && type != "LORA")
      throw ModelError(file_ + ": peft_type " + type.dump() + " is not supported, only \"LORA\"");
    if (const Json bias = take("bias"); !bias.is_null() && bias != "none")
      throw ModelError(file_ + ": bias " + bias.dump() + " is not supported, only \"none\"");
    for (const char* const key : unsupported)
      if (json_.contains(key) && !is_nothing(json_.at(key))) throw ModelError(file_ + ": " + key + " is not supported");
    check_start();

    AdapterConfig config;
    if (const Json r = take("r"); !r.is_null()) config.rank = rank(r, "r");
    if (const Json alpha = take("lora_alpha"); !alpha.is_null()) config.alpha = number(alpha, "lora_alpha");
    if (const Json dropout = take("lora_dropout"); !dropout.is_null()) config.dropout = number(dropout, "lora_dropout");
    if (config.dropout < 0 || config.dropout >= 1) fail("lora_dropout", "must lie in [0,1)");
    config.rslora = flag("use_rslora");
    config.dora = flag("use_dora");
    config.targets = choice("target_modules");
    if (config.targets.empty()) throw ModelError(file_ + ": target_modules names no module");
    config.exclude = choice("exclude_modules");
    read_layers(config);
    for (const auto& [text, value] : patterns("rank_pattern"))
      config.rank_pattern[text] = rank(value, "rank_pattern: " + in_quotes(text));
    for (const auto& [text, value] : patterns("alpha_pattern"))
      config.alpha_pattern[text] = number(value, "alpha_pattern: " + in_quotes(text));
    if (const Json base = take("base_model_name_or_path"); base.is_string()) config.base = base.get<std::string>();
    for (const auto& [key, value] : json_.items()) config.others.emplace(key, value.dump());
    return config;
  }

 private:
  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw ModelError(file_ + ": " + key + " " + what);
  }

  /// The key's value, which is taken out of the object unless it is null, so that it is saved as it was.
  Json take(const std::string& key) {
    const auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return nullptr;
    Json value = std::move(*found);
    json_.erase(found);
    return value;
  }

  bool flag(const std::string& key) {
    const Json value = take(key);
    if (!value.is_null() && !value.is_boolean()) fail(key, "must be true or false");
    return value == true;
  }

  double number(const Json& value, const std::string& key) const {
    if (!value.is_number() || !std::isfinite(value.get<double>())) fail(key, "is no number");
    return value.get<double>();
  }

  std::int64_t rank(const Json& value, const std::string& key) const {
    if (!is_whole(value, 1, max_rank)) fail(key, "must be a whole number from 1 to " + std::to_string(max_rank));
    return value.get<std::int64_t>();
  }

  /// A list of names, a pattern, "all-linear", or one name alone.
  ModuleChoice choice(const std::string& key) {
    const Json value = take(key);
    ModuleChoice choice;
    if (value.is_string()) {
      const std::string text = value.get<std::string>();
      if (text == "all-linear" && key == "target_modules") return AdapterConfig::all_linear();
      if (text.find_first_of("\\*+?()[]{}|^$") == std::string::npos)
        choice.names = {text};
      else
        choice.pattern = pattern(text, key);
    } else if (value.is_array()) {
      for (const Json& name : value) {
        if (!name.is_string() || name.empty() || name == "") fail(key, "must be a list of names");
        choice.names.push_back(name.get<std::string>());
      }
    } else if (!value.is_null()) {
      fail(key, "must be a list of names or a text");
    }
    return choice;
  }

  void read_layers(AdapterConfig& config) {
    const Json value = take("layers_to_transform");
    if (value.is_null()) return;
    for (const Json& layer : value.is_array() ? value : Json::array({value})) {
      if (!is_whole(layer, 0, 1 << 20)) fail("layers_to_transform", "must be layer numbers");
      config.layers.insert(layer.get<std::int64_t>());
    }
    if (config.layers.empty()) return;
    if (config.targets.pattern) fail("layers_to_transform", "and a pattern in target_modules exclude each other");
    const auto pattern = json_.find("layers_pattern");
    if (pattern == json_.end() || is_nothing(*pattern) || *pattern == "" || *pattern == "layers" ||
        *pattern == Json::array({"layers"}))
      return;
    fail("layers_pattern", pattern->dump() + " is not supported: the layers of a CLIP model stand in \"layers\"");
  }

  /// The object of `key`, whose own keys are patterns for the end of a name.
  std::map<std::string, Json> patterns(const std::string& key) {
    const Json value = take(key);
    if (value.is_null()) return {};
    if (!value.is_object()) fail(key, "must be an object");
    std::map<std::string, Json> all;
    for (const auto& [text, of_it] : value.items()) {
      end_pattern(pattern(text, key).text());
      all.emplace(text, of_it);
    }
    return all;
  }

  ModulePattern pattern(const std::string& text, const std::string& key) const {
    try {
      return ModulePattern(text);
    } catch (const ModelError& e) {
      throw ModelError(file_ + ": " + key + ": " + e.what());
    }
  }

  /// Some ways of starting an adapter move a part of the base's weights into it.
  void check_start() const {
    const auto found = json_.find("init_lora_weights");
    if (found == json_.end() || found->is_null() || found->is_boolean()) return;
    if (found->is_string() && std::ranges::find(plain_starts, found->get<std::string>()) != plain_starts.end()) return;
    fail("init_lora_weights", found->dump() + " is not supported: it may change the base's weights");
  }

  std::string file_;
  Json json_;
};

/// PEFT has whole numbers where a value is one.
Json alpha_json(double alpha) {
  if (alpha == std::floor(alpha) && std::abs(alpha) < 1e15) return static_cast<std::int64_t>(alpha);
  return alpha;
}

Json choice_json(const ModuleChoice& choice) {
  if (choice.pattern) return choice.pattern->text();
  return choice.empty() ? Json() : Json(choice.names);
}

}  // namespace

ModuleChoice AdapterConfig::all_linear() {
  return {{"q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"}, std::nullopt};
}

bool AdapterConfig::selects(const std::string& module) const {
  const std::string name = peft_name(module);
  if (exclude.matches(name) || !targets.matches(name)) return false;
  if (layers.empty() || targets.has_whole(name)) return true;
  const auto layer = layer_of(name);
  return layer && layers.contains(*layer);
}

std::int64_t AdapterConfig::rank_of(const std::string& module) const {
  return from_pattern(rank_pattern, module, rank);
}

double AdapterConfig::scaling_of(const std::string& module) const {
  const auto r = static_cast<double>(rank_of(module));
  return from_pattern(alpha_pattern, module, alpha) / (rslora ? std::sqrt(r) : r);
}

AdapterConfig read_adapter_config(const std::filesystem::path& file) { return ConfigReader(file).read(); }

std::string adapter_config_text(const AdapterConfig& config) {
  Json json = {
      {"auto_mapping",
       {{"base_model_class", "CLIPVisionModel"}, {"parent_library", "transformers.models.clip.modeling_clip"}}},
      {"fan_in_fan_out", false},
      {"inference_mode", true},
      {"init_lora_weights", true},
      {"layer_replication", nullptr},
      {"layers_pattern", nullptr},
      {"loftq_config", Json::object()},
      {"megatron_config", nullptr},
      {"megatron_core", "megatron.core"},
      {"modules_to_save", nullptr},
      {"revision", nullptr},
      {"task_type", nullptr}};
  for (const auto& [key, value] : config.others) json[key] = Json::parse(value);
  json["peft_type"] = "LORA";
  json["bias"] = "none";
  json["base_model_name_or_path"] = config.base.empty() ? Json() : Json(config.base);
  json["r"] = config.rank;
  json["lora_alpha"] = alpha_json(config.alpha);
  json["lora_dropout"] = config.dropout;
  json["use_rslora"] = config.rslora;
  json["use_dora"] = config.dora;
  json["target_modules"] = choice_json(config.targets);
  if (!config.exclude.empty()) json["exclude_modules"] = choice_json(config.exclude);  // PEFT 0.12 does not know it
  json["layers_to_transform"] = config.layers.empty() ? Json() : Json(config.layers);
  json["rank_pattern"] = config.rank_pattern.empty() ? Json::object() : Json(config.rank_pattern);
  json["alpha_pattern"] = Json::object();
  for (const auto& [pattern, alpha] : config.alpha_pattern) json["alpha_pattern"][pattern] = alpha_json(alpha);
  return json.dump(2);
}

}  // namespace dfpipe::detector
