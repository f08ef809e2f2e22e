#include "detector.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"
#include "phase.hpp"

namespace dfpipe::detector {
namespace {

/// Judges a picture from both embeddings: concatenated (CLIP first), linear, ReLU, dropout (train phase), linear,
/// softmax. Column 1 is "fake".
///
///     fuse: {type: fusion-head, in: {clip: clip.embedding, spectrum: spectrum.embedding}, use: {detector: detector}}
class FusionHeadNode final : public Node {
 public:
  FusionHeadNode()
      : Node({.about = "Judge a picture from its CLIP and spectrum embeddings.",
              .lane = Lane::device,
              .batched = true}) {}

  void process(Item& item) override {
    PhaseGuard phase(item);
    const Heads& heads = detector_->heads();
    const Tensor& clip = item[clip_];
    const Tensor& spectrum = item[spectrum_];
    if (clip.dim() != 2 || spectrum.dim() != 2 || clip.size(1) != heads.clip_width() ||
        spectrum.size(1) != heads.spectrum.width() || clip.size(0) != spectrum.size(0))
      throw Error("the heads want embeddings of " + std::to_string(heads.clip_width()) + " and " +
                      std::to_string(heads.spectrum.width()) + " numbers a row, for the same rows",
                  "shape");
    const Tensor fused = at::cat({clip.to(spectrum.device()), spectrum}, 1);
    const Tensor logits = heads.fusion.forward(fused, phase.dropout());
    const Tensor probabilities = at::softmax(logits.detach(), 1).to(at::kCPU);
    if (!phase.training() && !at::isfinite(probabilities).all().item<bool>())
      throw Error("the model gave no number (NaN)", "not_finite");
    item.set(fused_, fused);
    item.set(logits_, logits);
    item.set(probabilities_, probabilities);
  }

 private:
  In<Tensor> clip_{this, "clip", "[B,D] float32, CLIP's embedding"};
  In<Tensor> spectrum_{this, "spectrum", "[B,128] float32, the spectrum's embedding"};
  Out<Tensor> fused_{this, "fused", "[B,D+128] float32, both embeddings, CLIP first"};
  Out<Tensor> logits_{this, "logits", "[B,2] float32, genuine and fake"};
  Out<Tensor> probabilities_{this, "probabilities", "[B,2] float32 on the CPU, softmax of the logits, no gradient"};
  Use<Detector> detector_{this, "detector", "the model"};
};

}  // namespace

void register_fusion_head(Registrar& registrar) { registrar.node<FusionHeadNode>("fusion-head"); }

}  // namespace dfpipe::detector
