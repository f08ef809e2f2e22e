#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' ImageCompression: baseline JPEG of 4:2:0, or lossy WebP. That library hands its RGB pixels to an
/// encoder that takes them for BGR; `channels: true` gives the encoder the colours as they are, as a camera or an app
/// does.
///
///     jpeg: {type: image-compression, in: {image: social.image}, with: {quality_min: 30, quality_max: 95}}
class ImageCompression final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.5) {}
    const std::int64_t& quality_min = integer("quality_min", 30, {.about = "lowest quality", .min = 0, .max = 100});
    const std::int64_t& quality_max = integer("quality_max", 95, {.about = "highest quality", .min = 0, .max = 100});
    const std::string& format =
        choice("format", "jpeg",
               {.about = "what to compress to; both is one of them at random", .choices = {"jpeg", "webp", "both"}});
    const std::string& channels =
        choice("channels", "swapped",
               {.about = "whether red and blue change places in the encoder", .choices = {"swapped", "true"}});
  };

 public:
  ImageCompression() : TransformNode("ImageCompression", "Send pictures through JPEG or WebP and back.", &params_) {}

  void open(OpenContext&) override {
    check_order("quality_min", static_cast<double>(params_.quality_min), "quality_max",
                static_cast<double>(params_.quality_max));
  }

 private:
  Json draw(Random& random, cv::Size) const override {
    const bool webp = params_.format == "webp" || (params_.format == "both" && random.below(2) == 1);
    return {{"quality", draw_integer(random, params_.quality_min, params_.quality_max)},
            {"image_type", webp ? ".webp" : ".jpg"},
            {"channels", params_.channels}};
  }

  Params params_;
};

}  // namespace

void register_image_compression(Registrar& registrar) { registrar.node<ImageCompression>("image-compression"); }

}  // namespace dfpipe::augment
