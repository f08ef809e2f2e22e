#include "clip_config.hpp"

#include <cmath>
#include <string>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

class Reader {
 public:
  Reader(const std::filesystem::path& file, const nlohmann::json& json) : file_(file), json_(json) {}

  void size(const char* key, std::int64_t& value, std::int64_t max) const {
    const auto* const found = find(key);
    if (found == nullptr) return;
    if (!found->is_number_integer() || found->get<double>() < 1 || found->get<double>() > static_cast<double>(max))
      fail(std::string(key).append(" must be a whole number from 1 to ") + std::to_string(max));
    value = found->get<std::int64_t>();
  }

  void positive(const char* key, double& value) const {
    const auto* const found = find(key);
    if (found == nullptr) return;
    if (!found->is_number() || !(found->get<double>() > 0) || !std::isfinite(found->get<double>()))
      fail(std::string(key).append(" must be a positive number"));
    value = found->get<double>();
  }

  void activation(const char* key, Activation& value) const {
    const auto* const found = find(key);
    if (found == nullptr) return;
    const std::string word = found->is_string() ? found->get<std::string>() : found->dump().substr(0, 40);
    if (word == "quick_gelu")
      value = Activation::quick_gelu;
    else if (word == "gelu")
      value = Activation::gelu;
    else
      fail(std::string(key) + " " + in_quotes(word) + " is not supported (quick_gelu, gelu)");
  }

  [[noreturn]] void fail(const std::string& what) const { throw ModelError(file_.string() + ": " + what); }

 private:
  const nlohmann::json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  const std::filesystem::path& file_;
  const nlohmann::json& json_;
};

}  // namespace

ClipConfig read_clip_config(const std::filesystem::path& file) {
  nlohmann::json json = read_json_object(file);
  for (const char* const nested : {"vision_config", "vision_config_dict"}) {
    if (!json.contains(nested) || json[nested].is_null()) continue;
    if (!json[nested].is_object()) throw ModelError(file.string() + ": " + nested + " is no object");
    nlohmann::json inner = json[nested];
    json = std::move(inner);
    break;
  }
  const Reader read(file, json);
  ClipConfig config;
  read.size("hidden_size", config.hidden_size, 1 << 16);
  read.size("intermediate_size", config.intermediate_size, 1 << 18);
  read.size("num_hidden_layers", config.num_hidden_layers, 1000);
  read.size("num_attention_heads", config.num_attention_heads, 1 << 12);
  read.size("num_channels", config.num_channels, 3);
  read.size("image_size", config.image_size, 1 << 13);
  read.size("patch_size", config.patch_size, 1 << 13);
  read.activation("hidden_act", config.hidden_act);
  read.positive("layer_norm_eps", config.layer_norm_eps);
  if (config.num_channels != 3) read.fail("num_channels must be 3");
  if (config.hidden_size % config.num_attention_heads != 0)
    read.fail("hidden_size " + std::to_string(config.hidden_size) + " is no multiple of num_attention_heads " +
              std::to_string(config.num_attention_heads));
  if (config.patch_size > config.image_size) read.fail("patch_size is larger than image_size");
  return config;
}

}  // namespace dfpipe::detector
