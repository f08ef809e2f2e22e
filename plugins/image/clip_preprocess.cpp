#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "clip_profile.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"

namespace dfpipe::image_nodes {
namespace {

/// Floor division: a crop larger than the picture starts at a negative place.
std::int64_t centered(std::int64_t whole, std::int64_t part) {
  const std::int64_t rest = whole - part;
  return rest >= 0 ? rest / 2 : -((-rest + 1) / 2);
}

/// Makes the pixels a CLIP model reads out of a face's crop, to the last bit as `CLIPImageProcessor` of the
/// transformers library does on Pillow: shortest edge to 224 (the longer one truncated), bicubic with antialias in
/// Pillow's fixed point, centre crop at ((H-224)/2, (W-224)/2) rounded down, x/255 in double cast to float32, then
/// (x - mean)/std in float32. A crop larger than the resized picture is filled up with black.
///
/// `profile` names a model's preprocessor_config.json; its sizes, flags, means and filter (3 bicubic, 2 bilinear) are
/// followed. Without it the values of OpenAI's CLIP at 224 are used.
///
///     pixels: {type: clip-preprocess, in: {face: face}, with: {profile: models/demo/preprocessor_config.json}}
class ClipPreprocess final : public Node {
  struct Params : ParamSet {
    const std::filesystem::path& profile =
        path("profile", "", {.about = "a preprocessor_config.json; empty: the values of CLIP at 224"});
  };

 public:
  ClipPreprocess()
      : Node({.about = "Resize, crop and normalise a face exactly as CLIP's own processor does."}, &params_) {}

  void open(OpenContext& context) override {
    if (!params_.profile.empty()) {
      const std::string text = read_profile_text(params_.profile);
      context.depends_on(text);
      profile_ = parse_clip_profile(text, params_.profile.string());
    }
    check_models(context);
    resizer_.emplace(profile_.filter);
    table_ = profile_.table();
  }

  void process(Item& item) override {
    const cv::Mat& rgb = item[face_].crop.pixels;
    if (rgb.empty() || rgb.type() != CV_8UC3) throw Error("the face has no crop of 3 channels of uint8", "no_crop");
    const Placement where = placement(rgb);
    item.set(window_, where.window());
    if (item.wanted(pixels_)) item.set(pixels_, normalised(rgb, where));
  }

 private:
  /// Nobody would see before the first picture that the profile is another model's.
  void check_models(const OpenContext& context) const {
    std::string sizes;
    for (const auto& [name, facts] : context.facts()) {
      const auto size = facts.find("image_size");
      if (size == facts.end()) continue;
      if (profile_.center_crop && size->second == std::to_string(profile_.crop_width) &&
          size->second == std::to_string(profile_.crop_height))
        return;
      sizes += (sizes.empty() ? "" : ", ") + name + " " + size->second;
    }
    if (sizes.empty() || !profile_.center_crop) return;
    throw std::runtime_error("the profile gives pictures of " + std::to_string(profile_.crop_width) + "x" +
                             std::to_string(profile_.crop_height) + ", but the model wants another size: " + sizes);
  }

  /// Where the model's picture lies on the resized crop.
  struct Placement {
    resample::Size size;  ///< of the resized crop
    std::int64_t left, top, width, height;
    Window window() const {
      const auto share = [](std::int64_t a, std::int64_t b) { return static_cast<double>(a) / static_cast<double>(b); };
      return {share(left, size.width), share(top, size.height), share(width, size.width), share(height, size.height)};
    }
  };

  Placement placement(const cv::Mat& rgb) const {
    const resample::Size size = profile_.resized(rgb.cols, rgb.rows);
    const std::int64_t width = profile_.center_crop ? profile_.crop_width : size.width;
    const std::int64_t height = profile_.center_crop ? profile_.crop_height : size.height;
    return {size, centered(size.width, width), centered(size.height, height), width, height};
  }

  at::Tensor normalised(const cv::Mat& rgb, const Placement& where) const {
    // Not InferenceMode: its tensors cannot be saved for a backward pass, and training uses this node too.
    const at::NoGradGuard no_grad;
    const auto& [size, left, top, width, height] = where;
    const resample::Window window{.x = std::max<std::int64_t>(left, 0),
                                  .y = std::max<std::int64_t>(top, 0),
                                  .width = static_cast<int>(std::min(width, size.width)),
                                  .height = static_cast<int>(std::min(height, size.height))};
    const cv::Mat part = (*resizer_)(rgb, size, window);

    at::Tensor out = at::empty({1, 3, height, width}, at::kFloat);
    float* const planes = out.data_ptr<float>();
    const std::int64_t area = height * width;
    if (part.cols != width || part.rows != height)
      for (std::size_t c = 0; c < 3; ++c) std::fill_n(planes + static_cast<std::int64_t>(c) * area, area, table_[c][0]);
    for (int y = 0; y < part.rows; ++y) {
      const std::uint8_t* from = part.ptr(y);
      float* to = planes + (y + std::max<std::int64_t>(-top, 0)) * width + std::max<std::int64_t>(-left, 0);
      for (int x = 0; x < part.cols; ++x, from += 3, ++to)
        for (std::size_t c = 0; c < 3; ++c) to[static_cast<std::int64_t>(c) * area] = table_[c][from[c]];
    }
    return out;
  }

  Params params_;
  In<Face> face_{this, "face", "its crop is used"};
  Out<at::Tensor> pixels_{this, "pixels", "[1,3,S,S] float32, normalised RGB"};
  Out<Window> window_{this, "window", "the part of the crop that the pixels show"};
  ClipProfile profile_;
  std::optional<resample::Resizer> resizer_;
  std::array<std::array<float, 256>, 3> table_{};
};

}  // namespace

void register_clip_preprocess(Registrar& registrar) { registrar.node<ClipPreprocess>("clip-preprocess"); }

}  // namespace dfpipe::image_nodes
