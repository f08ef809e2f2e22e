#include "detector_model.hpp"

#include <ATen/ATen.h>

#include "adapters.hpp"
#include "checkpoint.hpp"
#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;

void add_files(std::vector<ModelFile>& files, const std::string& part, const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name.extension() == ".safetensors" || name == "config.json" || name == "adapter_config.json")
      files.push_back({part + "/" + name.string(), entry.path()});
  }
}

fs::path head_file(const fs::path& folder) {
  for (const char* const name : {"head_weights.safetensors", "head_weights.pt"})
    if (fs::exists(folder / name)) return folder / name;
  throw ModelError(folder.string() + ": has neither head_weights.safetensors nor head_weights.pt");
}

using ReadClip = ClipVision (*)(const fs::path&);

ClipVision load_clip(const fs::path& folder, ReadClip read, std::vector<ModelFile>& files) {
  const fs::path merged = folder / "clip_vision";
  if (fs::is_directory(merged)) {
    add_files(files, "clip_vision", merged);
    return read(merged);
  }
  const fs::path dora = folder / "dora";
  if (!fs::is_directory(dora)) throw ModelError(folder.string() + ": has no folder clip_vision/");
  const nlohmann::json config = read_json_object(dora / "adapter_config.json");
  const auto base = config.find("base_model_name_or_path");
  if (base == config.end() || !base->is_string() || !fs::exists(fs::path(base->get<std::string>()) / "config.json"))
    throw ModelError((dora / "adapter_config.json").string() +
                     ": base_model_name_or_path is no folder with a CLIP model on this machine, and there is no "
                     "merged model in clip_vision/");
  add_files(files, "base", base->get<std::string>());
  add_files(files, "dora", dora);
  ClipVision clip = ClipVision::load(base->get<std::string>());
  load_adapters(clip, dora);
  clip.merge_adapters();
  return clip;
}

DetectorModel load_model(const fs::path& folder, ReadClip read) {
  if (!fs::is_directory(folder)) throw ModelError(folder.string() + ": is no model folder");
  const fs::path heads_at = head_file(folder);
  std::vector<ModelFile> files;
  ClipVision clip = load_clip(folder, read, files);
  Heads heads = Heads::load(heads_at, clip.config().hidden_size);
  files.push_back({heads_at.filename().string(), heads_at});
  if (const fs::path profile = folder / "preprocessor_config.json"; fs::exists(profile))
    files.push_back({profile.filename().string(), profile});
  std::ranges::sort(files, {}, &ModelFile::role);
  const fs::path full = fs::absolute(folder).lexically_normal();
  const std::string name = (full.has_filename() ? full : full.parent_path()).filename().string();
  return {std::move(clip), std::move(heads), name, std::move(files)};
}

}  // namespace

DetectorModel DetectorModel::load(const fs::path& folder) { return load_model(folder, ClipVision::load); }

DetectorModel DetectorModel::map(const fs::path& folder) { return load_model(folder, ClipVision::map); }

std::string DetectorModel::architecture() const {
  const ClipConfig& c = clip.config();
  return "ViT " + std::to_string(c.num_hidden_layers) + "x" + std::to_string(c.hidden_size) + ", patch " +
         std::to_string(c.patch_size) + ", image " + std::to_string(c.image_size);
}

}  // namespace dfpipe::detector
