#include <ATen/ATen.h>

#include <algorithm>

#include "operators.hpp"

namespace dfpipe::tflite {
namespace {

/// Zeros after the last dimension, to whole groups of lanes.
at::Tensor fill_up(const at::Tensor& x, const Kernels& kernels) {
  const std::int64_t over = x.size(-1) % kernels.lanes;
  return at::constant_pad_nd(x, {0, over == 0 ? 0 : kernels.lanes - over}).contiguous();
}

/// What comes after the sum, with the vectors it needs.
struct End {
  at::Tensor bias, slope;
  Rectifier rectifier = Rectifier::none;

  Finish finish(const float* residual) const {
    return {.bias = bias.data_ptr<float>(),
            .residual = residual,
            .rectifier = rectifier,
            .slope = slope.defined() ? slope.data_ptr<float>() : nullptr};
  }
};

End end_of(const Stage& stage, const std::vector<at::Tensor>& constants, std::int64_t channels,
           const Kernels& kernels) {
  const at::Tensor& bias = constants[stage.op.inputs[2]];
  if (!bias.defined() || bias.scalar_type() != at::kFloat || bias.numel() != channels)
    throw FormatError("needs " + std::to_string(channels) + " constant biases");
  End end{.bias = fill_up(bias.reshape({-1}), kernels), .slope = {}};
  if (stage.activation == Activation::relu) end.rectifier = Rectifier::relu;
  if (!stage.slope) return end;
  const at::Tensor& slope = constants[*stage.slope];
  if (!slope.defined() || slope.scalar_type() != at::kFloat || slope.numel() != channels || slope.size(-1) != channels)
    throw FormatError("is followed by a PRELU without a constant slope for each of its " + std::to_string(channels) +
                      " channels");
  end.slope = fill_up(slope.reshape({-1}), kernels);
  end.rectifier = Rectifier::prelu;
  return end;
}

struct Sides {
  Shape in, out, filter;  // [N,H,W,C] twice; [C,H,W,I] or [1,H,W,C]
  Places rows, columns;
  Walk walk;
};

Sides sides_of(const Stage& stage, const Model& model, const at::Tensor& weights) {
  if (!weights.defined() || weights.scalar_type() != at::kFloat || weights.dim() != 4)
    throw FormatError("needs constant weights with four dimensions");
  Sides sides{.in = model.tensors[stage.op.inputs[0]].shape,
              .out = model.tensors[stage.op.output].shape,
              .filter = weights.sizes().vec(),
              .rows = {},
              .columns = {},
              .walk = stage.op.walk};
  if (sides.in.size() != 4) throw FormatError("needs a picture with four dimensions, not " + text(sides.in));
  const bool each = stage.op.kind == Kind::depthwise_conv_2d;
  const std::int64_t channels = each ? sides.filter[3] : sides.filter[0];
  if (sides.filter[3] != sides.in[3] || (each && sides.filter[0] != 1))
    throw FormatError("has weights " + text(sides.filter) + " that do not fit the picture " + text(sides.in));
  sides.rows = places(sides.in[1], sides.filter[1], sides.walk.stride_h, sides.walk.padding);
  sides.columns = places(sides.in[2], sides.filter[2], sides.walk.stride_w, sides.walk.padding);
  const Shape made{sides.in[0], sides.rows.count, sides.columns.count, channels};
  if (made != sides.out) throw FormatError("makes " + text(made) + " where the file says " + text(sides.out));
  if (stage.residual && model.tensors[*stage.residual].shape != sides.out)
    throw FormatError("is added to a tensor of another shape, " + text(model.tensors[*stage.residual].shape));
  return sides;
}

/// The filters' inputs of output rows [first, last) of one picture side by side, a row for each place, zeros outside.
void gather(const float* picture, const Sides& sides, std::int64_t first, std::int64_t last, float* to) {
  const std::int64_t h = sides.in[1], w = sides.in[2], c = sides.in[3];
  for (std::int64_t oy = first; oy < last; ++oy)
    for (std::int64_t ox = 0; ox < sides.columns.count; ++ox)
      for (std::int64_t ky = 0; ky < sides.filter[1]; ++ky) {
        const std::int64_t y = oy * sides.walk.stride_h - sides.rows.before + ky;
        const std::int64_t left = ox * sides.walk.stride_w - sides.columns.before;
        const std::int64_t begin = std::clamp<std::int64_t>(left, 0, w);
        const std::int64_t end = y < 0 || y >= h ? begin : std::clamp<std::int64_t>(left + sides.filter[2], begin, w);
        to = std::fill_n(to, (begin - left) * c, 0.0f);
        to = std::copy_n(picture + (y * w + begin) * c, (end - begin) * c, to);
        to = std::fill_n(to, (left + sides.filter[2] - end) * c, 0.0f);
      }
}

class Convolution {
 public:
  Convolution(Sides sides, const at::Tensor& weights, End end, const Kernels& kernels)
      : sides_(std::move(sides)), end_(std::move(end)), kernels_(kernels) {
    // [O,H,W,I] as [O/lanes][H W I][lanes].
    const at::Tensor columns = fill_up(weights.flatten(1).t(), kernels);
    packed_ = columns.reshape({columns.size(0), -1, kernels.lanes}).transpose(0, 1).contiguous();
  }

  at::Tensor operator()(const std::vector<at::Tensor>& operands) const {
    const float* const x = operands[0].data_ptr<float>();
    const float* const residual = operands.size() > 1 ? operands[1].data_ptr<float>() : nullptr;
    at::Tensor y = at::empty(sides_.out);
    if (one_to_one()) {
      product(x, element_count(sides_.out) / sides_.out[3], residual, y.data_ptr<float>());
      return y;
    }
    const std::int64_t inputs = packed_.size(1), rows = sides_.rows.count, columns = sides_.columns.count;
    const std::int64_t at_once = std::clamp<std::int64_t>(256 / columns, 1, rows);
    const at::Tensor gathered = at::empty({at_once * columns, inputs});
    for (std::int64_t n = 0; n < sides_.in[0]; ++n)
      for (std::int64_t row = 0; row < rows; row += at_once) {
        const std::int64_t last = std::min(row + at_once, rows);
        gather(x + n * sides_.in[1] * sides_.in[2] * sides_.in[3], sides_, row, last, gathered.data_ptr<float>());
        const std::int64_t at = (n * rows + row) * columns * sides_.out[3];
        product(gathered.data_ptr<float>(), (last - row) * columns, residual == nullptr ? nullptr : residual + at,
                y.data_ptr<float>() + at);
      }
    return y;
  }

 private:
  bool one_to_one() const {
    return sides_.filter[1] == 1 && sides_.filter[2] == 1 && sides_.walk.stride_h == 1 && sides_.walk.stride_w == 1;
  }
  void product(const float* x, std::int64_t rows, const float* residual, float* y) const {
    kernels_.product(x, rows, packed_.size(1), sides_.out[3], packed_.data_ptr<float>(), end_.finish(residual), y);
  }

  Sides sides_;
  End end_;
  const Kernels& kernels_;
  at::Tensor packed_;
};

class DepthwiseConvolution {
 public:
  DepthwiseConvolution(const Sides& sides, const at::Tensor& weights, End end, const Kernels& kernels)
      : out_(sides.out),
        how_{.in_h = sides.in[1],
             .in_w = sides.in[2],
             .out_h = sides.out[1],
             .out_w = sides.out[2],
             .channels = sides.out[3],
             .filter_h = sides.filter[1],
             .filter_w = sides.filter[2],
             .stride_h = sides.walk.stride_h,
             .stride_w = sides.walk.stride_w,
             .above = sides.rows.before,
             .left = sides.columns.before},
        end_(std::move(end)),
        kernels_(kernels),
        packed_(fill_up(weights, kernels)) {}

  at::Tensor operator()(const std::vector<at::Tensor>& operands) const {
    const float* const x = operands[0].data_ptr<float>();
    const float* const residual = operands.size() > 1 ? operands[1].data_ptr<float>() : nullptr;
    at::Tensor y = at::empty(out_);
    const std::int64_t from = how_.in_h * how_.in_w * how_.channels, to = element_count(out_) / out_[0];
    for (std::int64_t n = 0; n < out_[0]; ++n)
      kernels_.depthwise(x + n * from, how_, packed_.data_ptr<float>(),
                         end_.finish(residual == nullptr ? nullptr : residual + n * to), y.data_ptr<float>() + n * to);
    return y;
  }

 private:
  Shape out_;
  Depthwise how_;
  End end_;
  const Kernels& kernels_;
  at::Tensor packed_;
};

}  // namespace

Places places(std::int64_t size, std::int64_t filter, std::int64_t stride, Padding padding) {
  if (padding == Padding::valid) {
    if (filter > size)
      throw FormatError("has a filter of " + std::to_string(filter) + " on a side of " + std::to_string(size));
    return {(size - filter) / stride + 1, 0, 0};
  }
  const std::int64_t count = (size + stride - 1) / stride;
  const std::int64_t zeros = std::max<std::int64_t>((count - 1) * stride + filter - size, 0);
  return {count, zeros / 2, zeros - zeros / 2};
}

Bound bind_convolution(const Stage& stage, const Model& model, const std::vector<at::Tensor>& constants,
                       KernelSets sets) {
  const at::Tensor& weights = constants[stage.op.inputs[1]];
  const Sides sides = sides_of(stage, model, weights);
  const std::int64_t channels = sides.out[3];
  const Kernels& kernels = choose(sets, channels);
  const End end = end_of(stage, constants, channels, kernels);
  const bool each = stage.op.kind == Kind::depthwise_conv_2d;
  Bound bound{.reads = {stage.op.inputs[0]},
              .run = {},
              .multiply_adds = element_count(sides.out) *
                               (each ? sides.filter[1] * sides.filter[2] : element_count(sides.filter) / channels)};
  if (stage.residual) bound.reads.push_back(*stage.residual);
  if (each)
    bound.run = DepthwiseConvolution(sides, weights, end, kernels);
  else
    bound.run = Convolution(sides, weights, end, kernels);
  return bound;
}

}  // namespace dfpipe::tflite
