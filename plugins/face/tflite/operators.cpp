#include "operators.hpp"

#include <ATen/ATen.h>

#include <limits>

namespace dfpipe::tflite {
namespace {

using Operands = std::vector<at::Tensor>;

at::Tensor rectified(at::Tensor x, Activation activation) {
  return activation == Activation::relu ? x.clamp_min(0) : std::move(x);
}

void expect(const Shape& made, const Shape& declared) {
  if (made != declared) throw FormatError("makes " + text(made) + " where the file says " + text(declared));
}

class Binder {
 public:
  Binder(const Stage& stage, const Model& model, const std::vector<at::Tensor>& constants)
      : stage_(stage), model_(model), constants_(constants) {}

  Bound bind() const {
    switch (stage_.op.kind) {
      case Kind::add:
        return add();
      case Kind::concatenation:
        return concatenation();
      case Kind::max_pool_2d:
        return max_pool();
      case Kind::pad:
        return pad();
      case Kind::prelu:
        return prelu();
      case Kind::reshape:
        if (element_count(in(0)) != element_count(out())) expect(in(0), out());
        return {{input(0)}, [to = out()](const Operands& x) { return x[0].reshape(to); }};
      case Kind::logistic:
        expect(in(0), out());
        return {{input(0)}, [](const Operands& x) { return x[0].sigmoid(); }};
      case Kind::relu:
        expect(in(0), out());
        return {{input(0)}, [](const Operands& x) { return x[0].clamp_min(0); }};
      default:
        throw FormatError("is not a DEQUANTIZE of a constant");
    }
  }

 private:
  std::size_t input(std::size_t i) const { return stage_.op.inputs[i]; }
  const Shape& in(std::size_t i) const { return model_.tensors[input(i)].shape; }
  const Shape& out() const { return model_.tensors[stage_.op.output].shape; }

  Bound add() const {
    expect(in(0), out());
    expect(in(1), out());
    return {{input(0), input(1)},
            [activation = stage_.activation](const Operands& x) { return rectified(x[0] + x[1], activation); }};
  }

  Bound concatenation() const {
    const auto dimensions = static_cast<std::int64_t>(out().size());
    const std::int64_t axis = stage_.op.axis < 0 ? stage_.op.axis + dimensions : stage_.op.axis;
    if (axis < 0 || axis >= dimensions) throw FormatError("has axis " + std::to_string(stage_.op.axis));
    const auto along = static_cast<std::size_t>(axis);
    Shape made = out();
    made[along] = 0;
    for (std::size_t i = 0; i < stage_.op.inputs.size(); ++i) {
      Shape part = in(i);
      if (part.size() != made.size()) expect(part, out());
      made[along] += part[along];
      part[along] = out()[along];
      expect(part, out());
    }
    expect(made, out());
    return {stage_.op.inputs, [axis, activation = stage_.activation](const Operands& x) {
              return rectified(at::cat(x, axis), activation);
            }};
  }

  Bound max_pool() const {
    if (in(0).size() != 4) throw FormatError("needs a picture with four dimensions, not " + text(in(0)));
    const Walk& walk = stage_.op.walk;
    const Places rows = places(in(0)[1], walk.filter_h, walk.stride_h, walk.padding);
    const Places columns = places(in(0)[2], walk.filter_w, walk.stride_w, walk.padding);
    expect({in(0)[0], rows.count, columns.count, in(0)[3]}, out());
    return {{input(0)},
            [=, activation = stage_.activation](const Operands& operands) {
              at::Tensor x = operands[0].permute({0, 3, 1, 2});
              if (rows.before + rows.after + columns.before + columns.after > 0)
                x = at::constant_pad_nd(x, {columns.before, columns.after, rows.before, rows.after},
                                        -std::numeric_limits<float>::infinity());
              x = at::max_pool2d(x, {walk.filter_h, walk.filter_w}, {walk.stride_h, walk.stride_w});
              return rectified(x.permute({0, 2, 3, 1}).contiguous(), activation);
            },
            element_count(out()) * walk.filter_h * walk.filter_w};
  }

  Bound pad() const {
    const at::Tensor& amounts = constants_[input(1)];
    const auto dimensions = static_cast<std::int64_t>(in(0).size());
    if (!amounts.defined() || amounts.scalar_type() != at::kInt || amounts.sizes() != at::IntArrayRef{dimensions, 2})
      throw FormatError("needs two constant widths for each dimension");
    Shape made = in(0);
    std::vector<std::int64_t> last_first;
    for (std::int64_t d = dimensions - 1; d >= 0; --d)
      for (const std::int64_t side : {0, 1}) {
        const auto amount = amounts[d][side].item<std::int32_t>();
        if (amount < 0) throw FormatError("has a negative width");
        made[static_cast<std::size_t>(d)] += amount;
        last_first.push_back(amount);
      }
    expect(made, out());
    return {{input(0)}, [last_first](const Operands& x) { return at::constant_pad_nd(x[0], last_first); }};
  }

  Bound prelu() const {
    const at::Tensor& slope = constants_[input(1)];
    expect(in(0), out());
    if (!slope.defined() || slope.scalar_type() != at::kFloat || out().empty() || slope.numel() != out().back() ||
        slope.dim() == 0 || slope.size(-1) != out().back())
      throw FormatError("needs a constant slope for each channel");
    return {{input(0)},
            [flat = slope.reshape({-1})](const Operands& x) { return at::where(x[0] > 0, x[0], x[0] * flat); }};
  }

  const Stage& stage_;
  const Model& model_;
  const std::vector<at::Tensor>& constants_;
};

}  // namespace

Bound bind_stage(const Stage& stage, const Model& model, const std::vector<at::Tensor>& constants, KernelSets kernels) {
  const Kind kind = stage.op.kind;
  for (const std::size_t tensor : stage.op.inputs)
    if (!constants[tensor].defined() && model.tensors[tensor].type != ElementType::float32)
      throw FormatError("reads tensor " + std::to_string(tensor) + ", which is computed and not float32");
  if (kind == Kind::conv_2d || kind == Kind::depthwise_conv_2d)
    return bind_convolution(stage, model, constants, kernels);
  return Binder(stage, model, constants).bind();
}

}  // namespace dfpipe::tflite
