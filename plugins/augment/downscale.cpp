#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' Downscale. By the rules of 1.x any interpolation but nearest goes through float and is cut off,
/// which darkens by a third of a level.
///
///     down: {type: downscale, in: {image: blur.image}, with: {scale_min: 0.5, scale_max: 0.9}}
class Downscale final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.3) {}
    const double& scale_min = real("scale_min", 0.5, {.about = "smallest factor", .min = 0.01, .max = 1});
    const double& scale_max = real("scale_max", 0.9, {.about = "largest factor", .min = 0.01, .max = 1});
    const std::string& down =
        choice("down", "nearest",
               {.about = "how it is reduced", .choices = {"nearest", "linear", "cubic", "area", "lanczos"}});
    const std::string& up = choice(
        "up", "nearest", {.about = "how it is enlarged", .choices = {"nearest", "linear", "cubic", "area", "lanczos"}});
  };

 public:
  Downscale() : TransformNode("Downscale", "Reduce pictures and enlarge them again.", &params_) {}

  void open(OpenContext&) override { check_order("scale_min", params_.scale_min, "scale_max", params_.scale_max); }

 private:
  Json draw(Random& random, cv::Size) const override {
    return {
        {"scale", random.uniform(params_.scale_min, params_.scale_max)}, {"down", params_.down}, {"up", params_.up}};
  }

  Params params_;
};

}  // namespace

void register_downscale(Registrar& registrar) { registrar.node<Downscale>("downscale"); }

}  // namespace dfpipe::augment
