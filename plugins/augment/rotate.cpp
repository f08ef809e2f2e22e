#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' Rotate: by an angle between -limit and limit, about the middle of the pixel grid, in the picture's
/// own size. OpenCV turns in steps of 1/32 pixel, which differs between its versions.
///
///     rotate: {type: rotate, in: {image: flip.image}, with: {limit: 10}}
class Rotate final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.5) {}
    const double& limit = real("limit", 10, {.about = "largest angle", .unit = "degrees", .min = 0, .max = 180});
    const std::string& interpolation = choice(
        "interpolation", "linear",
        {.about = "how pixels are made between pixels", .choices = {"nearest", "linear", "cubic", "area", "lanczos"}});
    const std::string& border = choice(
        "border", "reflect_101", {.about = "what comes into the corners", .choices = {"reflect_101", "constant"}});
  };

 public:
  Rotate() : TransformNode("Rotate", "Turn pictures by a small angle.", &params_) {}

 private:
  Json draw(Random& random, cv::Size) const override {
    return {{"angle", random.uniform(-params_.limit, params_.limit)},
            {"interpolation", params_.interpolation},
            {"border_mode", params_.border},
            {"value", 0}};
  }

  Params params_;
};

}  // namespace

void register_rotate(Registrar& registrar) { registrar.node<Rotate>("rotate"); }

}  // namespace dfpipe::augment
