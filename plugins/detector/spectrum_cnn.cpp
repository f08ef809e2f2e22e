#include "detector.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"
#include "phase.hpp"

namespace dfpipe::detector {
namespace {

/// Embeds a picture's log magnitude spectrum with a small CNN: twice (convolution 3x3, batch norm, ReLU) with a max
/// pool between, mean over the plane, linear, ReLU. In the train phase batch norm uses the batch's statistics and moves
/// the running ones.
///
///     spectrum: {type: spectrum-cnn, in: {spectrum: fft.spectrum}, use: {detector: detector}}
class SpectrumCnn final : public Node {
 public:
  SpectrumCnn()
      : Node({.about = "Embed a picture's spectrum with a small CNN.", .lane = Lane::device, .batched = true}) {}

  void process(Item& item) override {
    const PhaseGuard phase(item);
    const Tensor& spectrum = item[spectrum_];
    if (spectrum.dim() != 4 || spectrum.size(1) != 1)
      throw Error("the spectrum must be [B,1,H,W], not of " + std::to_string(spectrum.dim()) + " dimensions", "shape");
    item.set(embedding_, detector_->heads().spectrum.forward(spectrum, phase.training()));
  }

 private:
  In<Tensor> spectrum_{this, "spectrum", "[B,1,H,W] float32, log magnitude, zero frequency in the centre"};
  Out<Tensor> embedding_{this, "embedding", "[B,128] float32, on the model's device"};
  Use<Detector> detector_{this, "detector", "the model"};
};

}  // namespace

void register_spectrum_cnn(Registrar& registrar) { registrar.node<SpectrumCnn>("spectrum-cnn"); }

}  // namespace dfpipe::detector
