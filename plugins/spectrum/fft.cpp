#include <ATen/ATen.h>

#include "dfpipe/node.hpp"
#include "dfpipe/plugin.hpp"
#include "dfpipe/types/tensor.hpp"
#include "log_magnitude.hpp"

namespace dfpipe::spectrum {
namespace {

/// A picture's log magnitude spectrum: grey = mean of the three normalised channels (or a BT.601 luma of them), then
/// log(1 + |F|) of the unnormalised two-dimensional DFT, zero frequency in the centre. Rows of a batch are transformed
/// and shifted one by one: a picture's spectrum never depends on its neighbours.
///
///     fft: {type: fft, in: {pixels: preprocess.pixels}}
class Fft final : public Node {
  struct Params : ParamSet {
    const std::string& grey = choice(
        "grey", "mean", {.about = "mean of the channels, or 0.299 R + 0.587 G + 0.114 B", .choices = {"mean", "luma"}});
  };

 public:
  Fft() : Node({.about = "Take a picture's log magnitude spectrum."}, &params_) {}

  void process(Item& item) override {
    const at::NoGradGuard constant;
    const Tensor& given = item[pixels_];
    if (given.dim() != 4 || given.size(1) != 3) throw Error("the pixels must be [B,3,H,W]", "shape");
    const Tensor pixels = given.to(at::kCPU, at::kFloat);
    const std::int64_t rows = pixels.size(0), height = pixels.size(2), width = pixels.size(3);
    Tensor spectrum = at::empty({rows, 1, height, width}, at::kFloat);
    const Tensor gray = (params_.grey == "mean" ? pixels.mean(1) : luma(pixels)).contiguous();
    for (std::int64_t i = 0; i < rows; ++i)
      log_magnitude_spectrum(gray.data_ptr<float>() + i * height * width, height, width,
                             spectrum.data_ptr<float>() + i * height * width);
    item.set(spectrum_, std::move(spectrum));
  }

 private:
  static Tensor luma(const Tensor& pixels) {
    return pixels.select(1, 0) * 0.299 + pixels.select(1, 1) * 0.587 + pixels.select(1, 2) * 0.114;
  }

  Params params_;
  In<Tensor> pixels_{this, "pixels", "[B,3,H,W] float32, normalised"};
  Out<Tensor> spectrum_{this, "spectrum", "[B,1,H,W] float32, at least 0, zero frequency at [H/2,W/2]"};
};

}  // namespace
}  // namespace dfpipe::spectrum

DFPIPE_PLUGIN(spectrum) { registrar.node<dfpipe::spectrum::Fft>("fft"); }
