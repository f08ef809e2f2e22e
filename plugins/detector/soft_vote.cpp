#include <ATen/ATen.h>

#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"

namespace dfpipe::detector {
namespace {

/// Averages the probabilities of two votes on the same picture (soft voting), such as those on a picture and on its
/// mirror image in test-time augmentation. Without a second vote, or with one that is switched off, the first is handed
/// on as it is; a second vote that failed is an error, since half a vote is another number.
///
///     vote: {type: soft-vote, in: {probabilities: judge.probabilities, second: mirrored.probabilities}}
class SoftVote final : public Node {
 public:
  SoftVote() : Node({.about = "Average the probabilities of two votes on the same picture."}) {}

  void process(Item& item) override {
    const at::NoGradGuard constant;
    const Tensor& first = item[probabilities_];
    if (!item.has(second_)) {
      const ReasonPtr& why = item.why(second_);
      if (why && why->kind == Reason::Kind::error) throw Error("no second vote: " + why->text(), why->code);
      item.set(mean_, first);
      return;
    }
    const Tensor& second = item[second_];
    if (first.sizes() != second.sizes()) throw Error("the two votes must have the same shape", "shape");
    item.set(mean_, (first + second.to(first.options())) / 2);
  }

 private:
  In<Tensor> probabilities_{this, "probabilities", "[B,2] float32, genuine and fake"};
  OptionalIn<Tensor> second_{this, "second", "[B,2], the second vote"};
  Out<Tensor> mean_{this, "probabilities", "[B,2] float32, the mean of both"};
};

}  // namespace

void register_soft_vote(Registrar& registrar) { registrar.node<SoftVote>("soft-vote"); }

}  // namespace dfpipe::detector
