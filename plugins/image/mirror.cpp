#include <ATen/ATen.h>

#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"

namespace dfpipe::image_nodes {
namespace {

/// Mirrors pixels left to right, for test-time augmentation: the model judges a picture and its mirror image, and
/// `soft-vote` averages the two. What is mirrored is the finished tensor, not the file, so resizing and cropping are
/// the same for both.
///
///     mirror: {type: mirror, in: {pixels: pixels.pixels}}
class Mirror final : public Node {
 public:
  Mirror() : Node({.about = "Mirror pixels left to right."}) {}

  void process(Item& item) override {
    const at::NoGradGuard constant;
    const Tensor& pixels = item[pixels_];
    if (pixels.dim() != 4) throw Error("the pixels must be [B,C,H,W]", "shape");
    item.set(mirrored_, pixels.flip({3}));
  }

 private:
  In<Tensor> pixels_{this, "pixels", "[B,C,H,W]"};
  Out<Tensor> mirrored_{this, "pixels", "[B,C,H,W], column x taken from column W-1-x"};
};

}  // namespace

void register_mirror(Registrar& registrar) { registrar.node<Mirror>("mirror"); }

}  // namespace dfpipe::image_nodes
