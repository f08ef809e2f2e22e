#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' ISONoise: lightness gets Poisson noise in proportion to its own spread, hue normal noise. Drawn from
/// a seed that is logged.
///
///     noise: {type: iso-noise, in: {image: decode.image}, with: {p: 0.2}}
class IsoNoise final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.2) {}
    const double& color_shift_min =
        real("color_shift_min", 0.01, {.about = "smallest shift of hue", .unit = "turns", .min = 0, .max = 1});
    const double& color_shift_max =
        real("color_shift_max", 0.05, {.about = "largest shift of hue", .unit = "turns", .min = 0, .max = 1});
    const double& intensity_min = real("intensity_min", 0.1, {.about = "weakest noise", .min = 0, .max = 2});
    const double& intensity_max = real("intensity_max", 0.5, {.about = "strongest noise", .min = 0, .max = 2});
  };

 public:
  IsoNoise() : TransformNode("ISONoise", "Add a camera's noise at high sensitivity.", &params_) {}

  void open(OpenContext&) override {
    check_order("color_shift_min", params_.color_shift_min, "color_shift_max", params_.color_shift_max);
    check_order("intensity_min", params_.intensity_min, "intensity_max", params_.intensity_max);
  }

 private:
  Json draw(Random& random, cv::Size) const override {
    return {{"color_shift", random.uniform(params_.color_shift_min, params_.color_shift_max)},
            {"intensity", random.uniform(params_.intensity_min, params_.intensity_max)},
            {"seed", random.bits64()}};
  }

  Params params_;
};

}  // namespace

void register_iso_noise(Registrar& registrar) { registrar.node<IsoNoise>("iso-noise"); }

}  // namespace dfpipe::augment
