#include <nlohmann/json.hpp>
#include <sstream>

#include "commands.hpp"
#include "detector_model.hpp"
#include "error.hpp"
#include "model_digest.hpp"
#include "model_inventory.hpp"
#include "model_profile.hpp"
#include "model_writing.hpp"

namespace dfpipe::detector {
namespace {

using Json = nlohmann::ordered_json;

const char* kind_name(ModelLayout::Kind kind) {
  switch (kind) {
    case ModelLayout::Kind::merged:
      return "model";
    case ModelLayout::Kind::training:
      return "training";
    case ModelLayout::Kind::clip:
      return "clip";
    case ModelLayout::Kind::adapters:
      return "adapters";
  }
  return "";
}

/// What both outputs are made of.
Json describe(const ModelLayout& layout, const std::filesystem::path& folder, bool hashes) {
  ModelInventory inventory = ModelInventory::take(layout);
  Json json{{"folder", folder.string()}, {"kind", kind_name(layout.kind)}};
  if (inventory.config) json["architecture"] = architecture_text(*inventory.config);
  std::int64_t total = 0;
  for (const auto& [name, part] : inventory.parts) {
    json["parameters"][name] = part.parameters;
    total += part.parameters;
    for (const auto& [dtype, count] : part.dtypes) json["dtypes"][name][dtype] = count;
  }
  json["parameters"]["total"] = total;
  if (inventory.adapters)
    json["adapters"] = {{"rank", inventory.adapters->rank},
                        {"dora", inventory.adapters->dora},
                        {"targets", inventory.adapters->targets},
                        {"base", layout.clip.empty() ? layout.base_name : layout.clip.string()},
                        {"base_is_here", !layout.clip.empty()}};
  for (const auto& [id, label] : inventory.labels) json["labels"][std::to_string(id)] = label;
  if (inventory.trained) json["trained"] = *inventory.trained;
  try {
    if (!layout.profile.empty()) {
      json["profile"] = profile_text(layout.profile);
      if (inventory.config) require_fit(layout.profile, *inventory.config);
    }
  } catch (const ModelError& e) {
    inventory.problems.push_back(e.what());
  }
  std::uintmax_t bytes = 0;
  json["files"] = Json::array();
  for (const ModelFile& file : layout.files()) {
    json["files"].push_back({{"file", file.role}, {"bytes", std::filesystem::file_size(file.path)}});
    if (hashes) json["files"].back()["sha256"] = file_digest(file.path);
    bytes += std::filesystem::file_size(file.path);
  }
  json["bytes"] = bytes;
  if (hashes) json["sha256"] = model_digest(layout.files());
  json["problems"] = inventory.problems;
  return json;
}

std::string dtype_text(const Json& dtypes) {
  std::string text;
  for (const auto& [dtype, count] : dtypes.items()) text += (text.empty() ? "" : " and ") + dtype;
  return text;
}

std::string as_text(const Json& json) {
  std::ostringstream out;
  const auto line = [&](const std::string& name, const std::string& value) {
    out << name << std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') << value << '\n';
  };
  line("folder", json["folder"].get<std::string>() + " (" + json["kind"].get<std::string>() + ")");
  if (json.contains("architecture")) line("architecture", json["architecture"]);
  for (const auto& [name, count] : json["parameters"].items())
    line(name, count_text(count) + " parameters" + (name == "total" ? "" : ", " + dtype_text(json["dtypes"][name])));
  if (json.contains("adapters")) {
    const Json& a = json["adapters"];
    std::string targets;
    for (const Json& target : a["targets"]) targets += " " + target.get<std::string>();
    line("adapter",
         std::string(a["dora"].get<bool>() ? "DoRA" : "LoRA") + " of rank " + a["rank"].dump() + " on" + targets);
    line("base",
         a["base"].get<std::string>() + (a["base_is_here"].get<bool>() ? "" : ", which is not on this machine"));
  }
  if (json.contains("labels")) {
    std::string labels;
    for (const auto& [id, label] : json["labels"].items())
      labels += (labels.empty() ? "" : ", ") + id + " " + label.get<std::string>();
    line("labels", labels);
  }
  if (json.contains("trained")) line("trained", json["trained"].get<bool>() ? "yes" : "NO: every score is random");
  line("profile", json.contains("profile") ? json["profile"].get<std::string>() : "none");
  for (const Json& file : json["files"]) {
    line("file", file["file"].get<std::string>() + ", " + count_text(file["bytes"]) + " bytes");
    if (file.contains("sha256")) line("", "sha256 " + file["sha256"].get<std::string>());
  }
  if (json.contains("sha256")) line("sha256", json["sha256"].get<std::string>() + " of them all");
  for (const Json& problem : json["problems"]) line("DAMAGED", problem);
  return out.str();
}

/// Tells what lies in a folder. Only headers are read, and every byte for the hashes.
class ModelInfo final : public Command {
  struct Params : ParamSet {
    const std::filesystem::path& dir =
        path("dir", {},
             {.about = "a model, the original's training, a CLIP folder of Hugging Face, or adapters of PEFT",
              .required = true,
              .positional = true});
    const std::filesystem::path& base = path("base", {}, {.about = "the CLIP folder below adapters"});
    const bool& json = boolean("json", false, {.about = "print JSON"});
    const bool& hashes = boolean("hashes", true, {.about = "compute SHA-256, for which every byte is read"});
  } params_;

 public:
  ModelInfo()
      : Command(
            {.about = "Tells what a model is: its shape, parameters, dtypes, preprocessing, labels, files and hashes. "
                      "The exit code is 1 when a part is damaged.",
             .example = "dfpipe model info models/demo"},
            &params_) {}

  int run(Console& console) override {
    const Json json = describe(ModelLayout::find(params_.dir, params_.base), params_.dir, params_.hashes);
    console.print(params_.json ? json.dump(2) : as_text(json));
    return json["problems"].empty() ? 0 : 1;
  }
};

}  // namespace

void register_model_info(Registrar& registrar) { registrar.command<ModelInfo>("model info"); }

}  // namespace dfpipe::detector
