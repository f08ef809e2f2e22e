#include "detector.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"
#include "phase.hpp"

namespace dfpipe::detector {
namespace {

/// Embeds pictures with CLIP's vision transformer (Radford et al. 2021), with DoRA adapters (Liu et al. 2024) where the
/// model has them. The embedding is the layer-normed CLS token, Hugging Face's pooler_output.
///
/// The attentions cost memory and time only when something reads them: then each layer's heads are fused at once into
/// one matrix, moved to the CPU.
///
///     clip: {type: clip-dora, in: {pixels: preprocess.pixels}, use: {detector: detector}}
class ClipDora final : public Node {
  struct Params : ParamSet {
    const std::string& head_fusion =
        choice("head_fusion", "mean",
               {.about = "how a layer's heads become one attention matrix", .choices = {"mean", "max", "min"}});
  };

 public:
  ClipDora()
      : Node({.about = "Embed pictures with CLIP's vision transformer, adapters included.",
              .lane = Lane::device,
              .batched = true},
             &params_) {}

  void process(Item& item) override {
    PhaseGuard phase(item);
    ClipRequest request;
    if (item.wanted(attentions_)) request.attentions = fusion();
    request.dropout = phase.dropout();
    ClipOutput out = detector_->clip().forward(item[pixels_], request);
    item.set(embedding_, out.pooled);
    if (!request.attentions) return;
    Attentions attentions;
    for (const at::Tensor& layer : out.attentions) attentions.layers.push_back(layer.to(at::kCPU));
    item.set(attentions_, std::move(attentions));
  }

 private:
  HeadFusion fusion() const {
    if (params_.head_fusion == "max") return HeadFusion::max;
    return params_.head_fusion == "min" ? HeadFusion::min : HeadFusion::mean;
  }

  Params params_;
  In<Tensor> pixels_{this, "pixels", "[B,3,S,S] float32, normalised as the model's preprocessing profile says"};
  Out<Tensor> embedding_{this, "embedding", "[B,D] float32, on the model's device"};
  Out<Attentions> attentions_{this, "attentions", "one [B,T,T] float32 matrix a layer, rows sum to 1 (mean fusion)"};
  Use<Detector> detector_{this, "detector", "the model"};
};

}  // namespace

void register_clip_dora(Registrar& registrar) { registrar.node<ClipDora>("clip-dora"); }

}  // namespace dfpipe::detector
