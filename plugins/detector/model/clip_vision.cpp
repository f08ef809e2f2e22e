#include "clip_vision.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "checkpoint.hpp"
#include "error.hpp"
#include "torch_compat.hpp"

namespace dfpipe::detector {
namespace {

at::Tensor layer_norm(const at::Tensor& x, const Norm& norm, double eps) {
  return at::layer_norm(x, {norm.weight.size(0)}, norm.weight, norm.bias, eps);
}

at::Tensor add_to(at::Tensor& x, const at::Tensor& y) { return at::GradMode::is_enabled() ? x + y : x.add_(y); }

at::Tensor activate(at::Tensor x, Activation activation) {
  if (activation == Activation::gelu) return at::gelu(x);
  if (at::GradMode::is_enabled()) return x * at::sigmoid(x * 1.702);
  return x.mul_(at::mul(x, 1.702).sigmoid_());
}

at::Tensor fuse_heads(const at::Tensor& attention, HeadFusion fusion) {
  const at::NoGradGuard constant;
  switch (fusion) {
    case HeadFusion::max:
      return attention.detach().amax(1).to(at::kFloat);
    case HeadFusion::min:
      return attention.detach().amin(1).to(at::kFloat);
    case HeadFusion::mean:
      break;
  }
  return attention.detach().mean(1).to(at::kFloat);
}

/// One encoder block over all tokens, or, with `cls_only`, over the CLS token's row alone (all tokens are still
/// attended).
class Block {
 public:
  Block(const ClipConfig& config, const EncoderLayer& layer, const ClipRequest& request, bool cls_only)
      : config_(config), layer_(layer), request_(request), cls_only_(cls_only) {}

  at::Tensor forward(at::Tensor x, std::vector<at::Tensor>& attentions) const {
    const at::Tensor context = attend(layer_norm(x, layer_.norm1, config_.layer_norm_eps), attentions);
    if (cls_only_) x = x.narrow(1, 0, 1).contiguous();
    x = add_to(x, apply(layer_.out, context));
    at::Tensor hidden = apply(layer_.fc1, layer_norm(x, layer_.norm2, config_.layer_norm_eps));
    hidden = activate(std::move(hidden), config_.hidden_act);
    return add_to(x, apply(layer_.fc2, hidden));
  }

 private:
  at::Tensor apply(const Linear& linear, const at::Tensor& x) const {
    return linear.forward(x, linear.draw_mask(x, request_.dropout));
  }

  at::Tensor heads(const at::Tensor& x) const {
    return x.reshape({x.size(0), x.size(1), config_.num_attention_heads, config_.head_size()}).transpose(1, 2);
  }

  at::Tensor attend(const at::Tensor& x, std::vector<at::Tensor>& attentions) const {
    const std::int64_t d = config_.hidden_size;
    const at::Tensor asking = cls_only_ && !request_.attentions ? x.narrow(1, 0, 1) : x;
    const at::Tensor q = heads(apply(layer_.q, asking)) * (1.0 / std::sqrt(static_cast<double>(config_.head_size())));
    const at::Tensor k = heads(apply(layer_.k, x));
    const at::Tensor v = heads(apply(layer_.v, x));
    at::Tensor context;
    if (request_.attentions) {
      const at::Tensor probabilities = at::softmax(at::matmul(q, k.transpose(-2, -1)), -1);
      attentions.push_back(fuse_heads(probabilities, *request_.attentions));
      context = at::matmul(cls_only_ ? probabilities.narrow(2, 0, 1) : probabilities, v);
    } else {
      context = fused_attention(q, k, v);
    }
    return context.transpose(1, 2).reshape({x.size(0), context.size(2), d});
  }

  const ClipConfig& config_;
  const EncoderLayer& layer_;
  const ClipRequest& request_;
  bool cls_only_;
};

}  // namespace

void require_pixels(const at::Tensor& pixels, const ClipConfig& config) {
  const std::int64_t s = config.image_size;
  if (pixels.dim() != 4 || pixels.size(1) != 3 || pixels.size(2) != s || pixels.size(3) != s)
    throw ModelError("the pixels are " + shape_text(pixels.sizes()) + ", the model wants Bx3x" + std::to_string(s) +
                     "x" + std::to_string(s) + "; the preprocessing profile must be the model's own");
}

at::Tensor ClipVision::embed(const at::Tensor& pixels) const {
  const std::int64_t b = pixels.size(0), d = config_.hidden_size, p = config_.patch_size;
  const at::Tensor patches = at::conv2d(pixels, weights_.patch_weight, {}, {p, p}).flatten(2).transpose(1, 2);
  const at::Tensor tokens = at::cat({weights_.class_embedding.expand({b, 1, d}), patches}, 1) + weights_.positions;
  return layer_norm(tokens, weights_.pre_norm, config_.layer_norm_eps);
}

ClipOutput ClipVision::forward(const at::Tensor& pixels, const ClipRequest& request) const {
  require_pixels(pixels, config_);
  ClipOutput out;
  at::Tensor x = embed(pixels.to(device(), dtype()));
  const auto remember = [&](const at::Tensor& state) {
    // Without gradients the next block adds into its input.
    if (request.hidden_states) out.hidden_states.push_back(at::GradMode::is_enabled() ? state : state.clone());
  };
  for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
    remember(x);
    const bool cls_only = i + 1 == weights_.layers.size() && !request.hidden_states;
    x = Block(config_, weights_.layers[i], request, cls_only).forward(std::move(x), out.attentions);
  }
  remember(x);
  out.pooled = layer_norm(x.select(1, 0), weights_.post_norm, config_.layer_norm_eps);
  return out;
}

}  // namespace dfpipe::detector
