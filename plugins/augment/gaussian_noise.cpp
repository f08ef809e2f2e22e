#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Noise of a standard deviation between `sigma_min` and `sigma_max`, of a full range of 1. It is drawn from a seed
/// that is logged, so that a replay adds the same.
///
///     noise: {type: gaussian-noise, in: {image: decode.image}, with: {p: 0.2}}
class GaussianNoise final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.2) {}
    const double& sigma_min = real("sigma_min", 0.01, {.about = "smallest standard deviation", .min = 0, .max = 1});
    const double& sigma_max = real("sigma_max", 0.05, {.about = "largest standard deviation", .min = 0, .max = 1});
    const bool& per_channel = boolean("per_channel", true, {.about = "each colour has its own noise"});
  };

 public:
  GaussianNoise() : TransformNode("GaussianNoise", "Add independent normal noise.", &params_) {}

  void open(OpenContext&) override { check_order("sigma_min", params_.sigma_min, "sigma_max", params_.sigma_max); }

 private:
  Json draw(Random& random, cv::Size) const override {
    return {{"sigma", random.uniform(params_.sigma_min, params_.sigma_max)},
            {"per_channel", params_.per_channel},
            {"seed", random.bits64()}};
  }

  Params params_;
};

}  // namespace

void register_gaussian_noise(Registrar& registrar) { registrar.node<GaussianNoise>("gaussian-noise"); }

}  // namespace dfpipe::augment
