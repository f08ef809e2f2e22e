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
  const fs::path file = folder / "head_weights.safetensors";
  if (fs::exists(file)) return file;
  if (fs::exists(folder / "head_weights.pt"))
    throw ModelError((folder / "head_weights.pt").string() +
                     ": heads in PyTorch's pickle format cannot be read; convert them to head_weights.safetensors");
  throw ModelError(folder.string() + ": has no head_weights.safetensors");
}

ClipVision load_clip(const fs::path& folder, std::vector<ModelFile>& files) {
  const fs::path merged = folder / "clip_vision";
  if (fs::is_directory(merged)) {
    add_files(files, "clip_vision", merged);
    return ClipVision::load(merged);
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

}  // namespace

DetectorModel DetectorModel::load(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw ModelError(folder.string() + ": is no model folder");
  const fs::path heads_at = head_file(folder);
  std::vector<ModelFile> files;
  ClipVision clip = load_clip(folder, files);
  Heads heads = Heads::load(heads_at, clip.config().hidden_size);
  files.push_back({heads_at.filename().string(), heads_at});
  if (const fs::path profile = folder / "preprocessor_config.json"; fs::exists(profile))
    files.push_back({profile.filename().string(), profile});
  std::ranges::sort(files, {}, &ModelFile::role);
  const fs::path full = fs::absolute(folder).lexically_normal();
  const std::string name = (full.has_filename() ? full : full.parent_path()).filename().string();
  return {std::move(clip), std::move(heads), name, std::move(files)};
}

std::string DetectorModel::architecture() const {
  const ClipConfig& c = clip.config();
  return "ViT " + std::to_string(c.num_hidden_layers) + "x" + std::to_string(c.hidden_size) + ", patch " +
         std::to_string(c.patch_size) + ", image " + std::to_string(c.image_size);
}

at::Device resolve_device(const std::string& wish) {
  if (wish == "auto") return at::hasCUDA() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.size() < 4 && text.find_first_not_of("0123456789") == std::string::npos;
  };
  const bool cuda = wish == "cuda" || (wish.starts_with("cuda:") && is_number(wish.substr(5)));
  if (wish == "cpu") return at::kCPU;
  if (!cuda && wish != "mps") throw ModelError("device '" + wish + "' is not known (auto, cpu, cuda, cuda:N, mps)");
  if (cuda && !at::hasCUDA()) throw ModelError("device '" + wish + "': this LibTorch finds no CUDA device");
  if (!cuda) {
    if (!at::hasMPS()) throw ModelError("device 'mps': this LibTorch has no Metal support");
    return at::Device("mps");
  }
  const int index = wish == "cuda" ? 0 : std::stoi(wish.substr(5));
  if (index >= static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()))
    throw ModelError("device '" + wish + "': there are only " +
                     std::to_string(static_cast<int>(at::detail::getCUDAHooks().getNumGPUs())) + " CUDA devices");
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

at::ScalarType resolve_precision(const std::string& wish, at::Device device) {
  if (wish == "auto" || wish == "fp32") return at::kFloat;
  if (wish == "bf16") return at::kBFloat16;
  if (wish != "fp16") throw ModelError("precision '" + wish + "' is not known (auto, fp32, bf16, fp16)");
  if (device.is_cpu()) throw ModelError("precision 'fp16' needs a GPU; on the CPU use fp32 or bf16");
  return at::kHalf;
}

std::string precision_name(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "bf16" : dtype == at::kHalf ? "fp16" : "fp32";
}

}  // namespace dfpipe::detector
