#include "model_layout.hpp"

#include <algorithm>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;

bool is_clip_folder(const fs::path& folder) { return fs::exists(folder / "config.json"); }

fs::path if_there(const fs::path& file) { return fs::exists(file) ? file : fs::path(); }

std::string base_name_of(const fs::path& adapters) {
  const nlohmann::json config = read_json_object(adapters / "adapter_config.json");
  const auto base = config.find("base_model_name_or_path");
  return base != config.end() && base->is_string() ? base->get<std::string>() : std::string();
}

fs::path base_folder(const std::string& name, const fs::path& beside) {
  if (name.empty()) return {};
  for (const fs::path& candidate : {fs::path(name), beside / name})
    if (is_clip_folder(candidate)) return candidate;
  return {};
}

void add_files(std::vector<ModelFile>& files, const std::string& part, const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name.extension() == ".safetensors" || name == "config.json" || name == "adapter_config.json")
      files.push_back({part + name.string(), entry.path()});
  }
}

}  // namespace

ModelLayout ModelLayout::find(const fs::path& folder, const fs::path& base) {
  if (!fs::is_directory(folder)) throw ModelError(folder.string() + ": is no model folder");
  ModelLayout layout;
  layout.folder = folder;
  layout.heads = if_there(folder / "head_weights.safetensors");
  if (layout.heads.empty()) layout.heads = if_there(folder / "head_weights.pt");
  if (fs::is_directory(folder / "clip_vision")) {
    layout.clip = folder / "clip_vision";
  } else if (fs::is_directory(folder / "dora")) {
    layout.kind = Kind::training;
    layout.adapters = folder / "dora";
  } else if (fs::exists(folder / "adapter_config.json")) {
    layout.kind = Kind::adapters;
    layout.adapters = folder;
  } else if (is_clip_folder(folder)) {
    layout.kind = Kind::clip;
    layout.clip = folder;
  } else if (layout.heads.empty()) {
    throw ModelError(folder.string() +
                     ": holds no model: there is no clip_vision/, dora/, config.json or adapter_config.json");
  }
  if (!layout.adapters.empty()) {
    layout.base_name = base_name_of(layout.adapters);
    layout.clip = base.empty() ? base_folder(layout.base_name, folder) : base;
    if (!base.empty() && !is_clip_folder(base)) throw ModelError(base.string() + ": is no folder with a CLIP model");
  }
  layout.profile = if_there(folder / "preprocessor_config.json");
  if (layout.profile.empty() && !layout.clip.empty())
    layout.profile = if_there(layout.clip / "preprocessor_config.json");
  return layout;
}

std::string ModelLayout::name() const {
  const fs::path full = fs::absolute(folder).lexically_normal();
  return (full.has_filename() ? full : full.parent_path()).filename().string();
}

std::vector<ModelFile> ModelLayout::files() const {
  std::vector<ModelFile> files;
  if (!clip.empty()) add_files(files, kind == Kind::merged ? "clip_vision/" : kind == Kind::clip ? "" : "base/", clip);
  if (!adapters.empty()) add_files(files, kind == Kind::training ? "dora/" : "", adapters);
  if (!heads.empty()) files.push_back({heads.filename().string(), heads});
  if (profile == folder / "preprocessor_config.json") files.push_back({profile.filename().string(), profile});
  std::ranges::sort(files, {}, &ModelFile::role);
  return files;
}

const fs::path& ModelLayout::require_heads() const {
  if (heads.empty()) throw ModelError(folder.string() + ": has neither head_weights.safetensors nor head_weights.pt");
  return heads;
}

const fs::path& ModelLayout::require_clip() const {
  if (!clip.empty()) return clip;
  if (adapters.empty()) throw ModelError(folder.string() + ": has no folder clip_vision/");
  throw ModelError((adapters / "adapter_config.json").string() + ": base_model_name_or_path " + in_quotes(base_name) +
                   " is no folder with a CLIP model on this machine, and there is no merged model in clip_vision/");
}

}  // namespace dfpipe::detector
