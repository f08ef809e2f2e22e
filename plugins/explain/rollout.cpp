#include <ATen/ATen.h>

#include <stdexcept>

#include "dfpipe/node.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"
#include "rollout_map.hpp"

namespace dfpipe::explain {
namespace {

/// Tells which patches of the picture went into CLIP's CLS token: attention roll-out (Abnar & Zuidema 2020), scaled to
/// [0,1]. It explains where CLIP looked, not what the classifier made of it, and knows nothing of the spectrum's
/// branch.
///
///     rollout: {type: rollout, in: {attentions: clip.attentions}}
class Rollout final : public Node {
  struct Params : ParamSet {
    const std::string& order = choice("order", "published",
                                      {.about = "published: last layer leftmost; reversed: first layer leftmost",
                                       .choices = {"published", "reversed"}});
    const std::string& row_sums = choice("row_sums", "rows",
                                         {.about = "what a matrix' row sums divide; rows: each its own row, the "
                                                   "published rule; columns: as the vit-explain program does, the same "
                                                   "for mean-fused heads without discard",
                                          .choices = {"rows", "columns"}});
    const double& discard =
        real("discard", 0,
             {.about = "share of each attention matrix, its lowest entries, that is set to 0", .min = 0, .max = 0.999});
  };

 public:
  Rollout() : Node({.about = "Show where CLIP looked, by attention roll-out."}, &params_) {}

  void process(Item& item) override {
    const at::NoGradGuard constant;
    const RolloutRule rule{params_.order == "reversed" ? LayerOrder::reversed : LayerOrder::published,
                           params_.row_sums == "columns" ? RowSums::columns : RowSums::rows, params_.discard};
    try {
      item.set(heatmap_, square_map(cls_rollout(item[attentions_].layers, rule)));
    } catch (const std::invalid_argument& e) {
      throw Error(e.what(), "shape");
    }
  }

 private:
  Params params_;
  In<Attentions> attentions_{this, "attentions", "one [B,T,T] float32 matrix a layer, token 0 the CLS token"};
  Out<Tensor> heatmap_{this, "heatmap", "[B,g,g] float32 in [0,1], the patches' grid, g*g = T-1"};
};

}  // namespace

void register_rollout(Registrar& registrar) { registrar.node<Rollout>("rollout"); }

}  // namespace dfpipe::explain
