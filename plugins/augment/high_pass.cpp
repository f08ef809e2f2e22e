#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// The original training's own step: grey minus its Gaussian blur, stretched to 0..255, the same in all channels. Such
/// pictures do not come in use; the original trains on a seventh of them.
///
///     residual: {type: high-pass, in: {image: down.image}}
class HighPass final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.15) {}
    const double& sigma = real("sigma", 3, {.about = "of the blur", .unit = "px", .min = 0.1, .max = 30});
  };

 public:
  HighPass() : TransformNode("HighPass", "Replace pictures by what a blur takes away.", &params_) {}

 private:
  Json draw(Random&, cv::Size) const override { return {{"sigma", params_.sigma}}; }

  Params params_;
};

}  // namespace

void register_high_pass(Registrar& registrar) { registrar.node<HighPass>("high-pass"); }

}  // namespace dfpipe::augment
