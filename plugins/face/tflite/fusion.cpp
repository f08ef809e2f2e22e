#include "fusion.hpp"

#include <algorithm>

namespace dfpipe::tflite {
namespace {

bool is_convolution(const Operator& op) { return op.kind == Kind::conv_2d || op.kind == Kind::depthwise_conv_2d; }

bool is_constant(const Model& model, std::size_t tensor) { return !model.tensors[tensor].data.empty(); }

class Fuser {
 public:
  explicit Fuser(const Model& model) : model_(model), readers_(model.tensors.size()) {
    for (const Operator& op : model.operators)
      for (const std::size_t tensor : op.inputs) ++readers_[tensor];
    for (const std::size_t tensor : model.outputs) ++readers_[tensor];
  }

  std::vector<Stage> run() {
    for (const Operator& op : model_.operators) {
      if (op.kind == Kind::dequantize && is_constant(model_, op.inputs.front())) continue;
      if (!join(op)) stages_.push_back({.op = op, .residual = {}, .slope = {}, .activation = op.activation});
    }
    return std::move(stages_);
  }

 private:
  /// The convolution that made this tensor last, when nothing has read it and nothing else will.
  Stage* waiting(std::size_t tensor) {
    if (readers_[tensor] != 1) return nullptr;
    const auto found = std::ranges::find(stages_, tensor, [](const Stage& stage) { return stage.op.output; });
    if (found == stages_.end() || !is_convolution(found->op)) return nullptr;
    return found->activation == Activation::none && !found->slope ? &*found : nullptr;
  }

  /// The stage moves to where `op` stood: by then all that it reads has been made.
  bool extend(Stage* stage, const Operator& op) {
    stage->op.output = op.output;
    std::rotate(stages_.begin() + (stage - stages_.data()), stages_.begin() + (stage - stages_.data()) + 1,
                stages_.end());
    return true;
  }

  bool join(const Operator& op) {
    if (op.kind == Kind::relu) {
      Stage* const stage = waiting(op.inputs[0]);
      if (stage == nullptr) return false;
      stage->activation = Activation::relu;
      return extend(stage, op);
    }
    if (op.kind == Kind::prelu) {
      Stage* const stage = waiting(op.inputs[0]);
      if (stage == nullptr) return false;
      stage->slope = op.inputs[1];
      return extend(stage, op);
    }
    if (op.kind != Kind::add) return false;
    for (const std::size_t side : {0u, 1u}) {
      Stage* const stage = waiting(op.inputs[side]);
      if (stage == nullptr || stage->residual) continue;
      stage->residual = op.inputs[1 - side];
      stage->activation = op.activation;
      return extend(stage, op);
    }
    return false;
  }

  const Model& model_;
  std::vector<std::size_t> readers_;
  std::vector<Stage> stages_;
};

}  // namespace

std::vector<Stage> fuse(const Model& model) { return Fuser(model).run(); }

}  // namespace dfpipe::tflite
