#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' HorizontalFlip.
///
///     flip: {type: flip, in: {image: decode.image}}
class Flip final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.5) {}
  };

 public:
  Flip() : TransformNode("HorizontalFlip", "Mirror pictures left to right.", &params_) {}

 private:
  Json draw(Random&, cv::Size) const override { return Json::object(); }

  Params params_;
};

}  // namespace

void register_flip(Registrar& registrar) { registrar.node<Flip>("flip"); }

}  // namespace dfpipe::augment
