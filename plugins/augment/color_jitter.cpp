#include <algorithm>

#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' ColorJitter: each factor is drawn between 1 minus and 1 plus its parameter (not below 0), the hue is
/// shifted by up to `hue` turns either way, and the four are done in an order that is drawn too.
///
///     colour: {type: color-jitter, in: {image: crop.image}, with: {brightness: 0.2}}
class ColorJitter final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.5) {}
    const double& brightness = real("brightness", 0.2, {.about = "largest change of the factor", .min = 0, .max = 10});
    const double& contrast = real("contrast", 0.2, {.about = "largest change of the factor", .min = 0, .max = 10});
    const double& saturation = real("saturation", 0.1, {.about = "largest change of the factor", .min = 0, .max = 10});
    const double& hue = real("hue", 0, {.about = "largest shift", .unit = "turns", .min = 0, .max = 0.5});
  };

 public:
  ColorJitter()
      : TransformNode("ColorJitter", "Change brightness, contrast, saturation and hue, in random order.", &params_) {}

 private:
  Json draw(Random& random, cv::Size) const override {
    const auto around_one = [](double change) { return Range{std::max(0.0, 1 - change), 1 + change}; };
    return draw_color_jitter(random, around_one(params_.brightness), around_one(params_.contrast),
                             around_one(params_.saturation), {-params_.hue, params_.hue});
  }

  Params params_;
};

}  // namespace

void register_color_jitter(Registrar& registrar) { registrar.node<ColorJitter>("color-jitter"); }

}  // namespace dfpipe::augment
