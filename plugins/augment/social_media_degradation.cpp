#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// The original training's own step: reduced by the mean of areas, through JPEG, enlarged to its size, and with
/// probability `blur_p` blurred with a kernel of 3 or 5. As there, red and blue change places in the JPEG encoder.
///
///     social: {type: social-media-degradation, in: {image: colour.image}}
class SocialMediaDegradation final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.4) {}
    const double& scale_min = real("scale_min", 0.4, {.about = "smallest factor", .min = 0.01, .max = 1});
    const double& scale_max = real("scale_max", 0.8, {.about = "largest factor", .min = 0.01, .max = 1});
    const std::int64_t& quality_min =
        integer("quality_min", 20, {.about = "lowest JPEG quality", .min = 1, .max = 100});
    const std::int64_t& quality_max =
        integer("quality_max", 69, {.about = "highest JPEG quality", .min = 1, .max = 100});
    const double& blur_p = real("blur_p", 0.5, {.about = "how often it is blurred as well", .min = 0, .max = 1});
  };

 public:
  SocialMediaDegradation()
      : TransformNode("SocialMediaDegradation",
                      "Degrade pictures as social media do: smaller, JPEG, larger again, perhaps blurred.", &params_) {}

  void open(OpenContext&) override {
    check_order("scale_min", params_.scale_min, "scale_max", params_.scale_max);
    check_order("quality_min", static_cast<double>(params_.quality_min), "quality_max",
                static_cast<double>(params_.quality_max));
  }

 private:
  Json draw(Random& random, cv::Size) const override {
    return draw_social_media(random, {params_.scale_min, params_.scale_max}, params_.quality_min, params_.quality_max,
                             params_.blur_p, {3, 5});
  }

  Params params_;
};

}  // namespace

void register_social_media_degradation(Registrar& registrar) {
  registrar.node<SocialMediaDegradation>("social-media-degradation");
}

}  // namespace dfpipe::augment
