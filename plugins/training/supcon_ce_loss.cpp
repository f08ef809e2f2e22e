#include <ATen/ATen.h>

#include "batch_labels.hpp"
#include "detector.hpp"
#include "dfpipe/types/tensor.hpp"
#include "losses.hpp"
#include "nodes.hpp"

namespace dfpipe::training {
namespace {

/// The loss of the original's training: ce_weight · CE + supcon_weight · SupCon.
///
/// CE is the cross entropy of the logits with label smoothing. SupCon is the supervised contrastive loss (Khosla et al.
/// 2020) of the fused vectors behind the detector's projection head, scaled to length 1; base temperature and
/// temperature are the same. `averaging` over anchors: with_positives as the original has it, or all_anchors as the
/// paper's published code does. With no positive in the batch SupCon is 0.
///
/// In the train phase gradients are recorded; in the eval phase the same numbers are computed without.
///
///     loss: {type: supcon-ce-loss, in: {fused: fuse.fused, logits: fuse.logits, labels: labels}, use: {detector:
///     detector}}
class SupConCeLoss final : public Node {
  struct Params : ParamSet {
    const double& ce_weight = real("ce_weight", 0.3, {.about = "of the cross entropy", .min = 0});
    const double& supcon_weight = real("supcon_weight", 0.7, {.about = "of the contrastive loss", .min = 0});
    const double& temperature =
        real("temperature", 0.07, {.about = "of the contrastive loss", .min = 1e-4, .max = 100});
    const double& label_smoothing =
        real("label_smoothing", 0.1, {.about = "share of the target that all classes divide", .min = 0, .max = 1});
    const std::string& averaging = choice(
        "averaging", "with_positives",
        {.about = "over which anchors the contrastive loss is averaged", .choices = {"with_positives", "all_anchors"}});
  };

 public:
  SupConCeLoss() : Node({.about = "Contrastive loss and cross entropy of a batch.", .lane = Lane::device}, &params_) {}

  void open(OpenContext&) override {
    supcon_.temperature = supcon_.base_temperature = params_.temperature;
    if (params_.averaging == "all_anchors") supcon_.averaging = Averaging::all_anchors;
  }

  void process(Item& item) override {
    const at::AutoGradMode grad(item.attributes().phase == Phase::train);
    const Tensor& fused = item[fused_];
    const Tensor& logits = item[logits_];
    const Tensor labels = item[labels_].labels.to(logits.device());
    if (labels.size(0) != logits.size(0) || labels.size(0) != fused.size(0))
      throw Error("logits, fused vectors and labels must be of the same rows", "shape");
    const Tensor ce = smoothed_cross_entropy(logits, labels, params_.label_smoothing);
    const Tensor supcon = supcon_(detector_->trainable().project(fused), labels);
    item.set(loss_, ce * params_.ce_weight + supcon * params_.supcon_weight);
    item.set(ce_, ce.detach());
    item.set(supcon_value_, supcon.detach());
  }

 private:
  Params params_;
  In<Tensor> fused_{this, "fused", "[B,F] float32, both embeddings"};
  In<Tensor> logits_{this, "logits", "[B,2] float32, genuine and fake"};
  In<BatchLabels> labels_{this, "labels", "of the same rows"};
  Out<Tensor> loss_{this, "loss", "a number, with its gradient in the train phase"};
  Out<Tensor> ce_{this, "ce", "a number: the cross entropy alone"};
  Out<Tensor> supcon_value_{this, "supcon", "a number: the contrastive loss alone"};
  Use<detector::Detector> detector_{this, "detector", "the model, opened for training"};
  SupCon supcon_;
};

}  // namespace

void register_supcon_ce_loss(Registrar& registrar) { registrar.node<SupConCeLoss>("supcon-ce-loss"); }

}  // namespace dfpipe::training
