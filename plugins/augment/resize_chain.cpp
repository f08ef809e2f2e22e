#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// One to several sizes with an interpolation drawn for each, then back: what happens to pictures that are passed on.
///
///     passed-on: {type: resize-chain, in: {image: decode.image}, with: {p: 0.3}}
class ResizeChain final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.3) {}
    const std::int64_t& steps_min = integer("steps_min", 1, {.about = "fewest sizes", .min = 1, .max = 16});
    const std::int64_t& steps_max = integer("steps_max", 3, {.about = "most sizes", .min = 1, .max = 16});
    const double& scale_min =
        real("scale_min", 0.5, {.about = "smallest size, of the picture's", .min = 0.01, .max = 4});
    const double& scale_max =
        real("scale_max", 1.5, {.about = "largest size, of the picture's", .min = 0.01, .max = 4});
  };

 public:
  ResizeChain() : TransformNode("ResizeChain", "Resize pictures several times, each time differently.", &params_) {}

  void open(OpenContext&) override {
    check_order("steps_min", static_cast<double>(params_.steps_min), "steps_max",
                static_cast<double>(params_.steps_max));
    check_order("scale_min", params_.scale_min, "scale_max", params_.scale_max);
  }

 private:
  Json draw(Random& random, cv::Size) const override {
    return draw_resize_chain(random, params_.steps_min, params_.steps_max, {params_.scale_min, params_.scale_max});
  }

  Params params_;
};

}  // namespace

void register_resize_chain(Registrar& registrar) { registrar.node<ResizeChain>("resize-chain"); }

}  // namespace dfpipe::augment
