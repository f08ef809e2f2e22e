#include "model_writing.hpp"

#include "clip_folder.hpp"
#include "dfpipe/error.hpp"
#include "error.hpp"
#include "mapped_file.hpp"
#include "model_digest.hpp"
#include "model_profile.hpp"
#include "temporary_file.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;

void go_on(const Console& console) {
  if (console.stop().stop_requested()) throw Error("stopped; nothing was written");
}

void write_profile(const fs::path& profile, const fs::path& file, const ClipConfig& config) {
  if (profile.empty()) return save_clip_profile(file, config.image_size);
  require_fit(profile, config);
  const MappedFile from(profile);
  TemporaryFile out(file);
  out.write(from.bytes().data(), from.bytes().size());
  out.publish();
}

void tell(const fs::path& folder, const ClipVision& clip, Console& console) {
  console.print(folder.string() + ": " + architecture_text(clip.config()) + ", " + count_text(clip.parameter_count()) +
                " parameters of CLIP\nsha256 " + model_digest(ModelLayout::find(folder).files()));
}

}  // namespace

at::ScalarType WritingParams::dtype() const {
  return precision == "bf16" ? at::kBFloat16 : precision == "fp16" ? at::kHalf : at::kFloat;
}

void write_model(const ClipVision& clip, const Heads& heads, const fs::path& profile, const WritingParams& params,
                 HeadsFormat format, Console& console) {
  go_on(console);
  StagedFolder staged(params.to, params.overwrite());
  console.progress("writing " + params.to.string());
  save_clip(clip, staged.path() / "clip_vision", params.dtype());
  if (format == HeadsFormat::original)
    heads.save_original(staged.path() / "head_weights.pt");
  else
    heads.save(staged.path() / "head_weights.safetensors");
  write_profile(profile, staged.path() / "preprocessor_config.json", clip.config());
  go_on(console);
  staged.publish();
  console.progress("");
  tell(params.to, clip, console);
  if (heads.trained) return;
  console.print("UNTRAINED heads: every score of this model is random");
  if (format == HeadsFormat::original) console.print("head_weights.pt has no place to say so");
}

void write_clip(const ClipVision& clip, const fs::path& profile, const WritingParams& params, Console& console) {
  go_on(console);
  StagedFolder staged(params.to, params.overwrite());
  console.progress("writing " + params.to.string());
  save_clip(clip, staged.path(), params.dtype());
  write_profile(profile, staged.path() / "preprocessor_config.json", clip.config());
  go_on(console);
  staged.publish();
  console.progress("");
  tell(params.to, clip, console);
}

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace dfpipe::detector
