#include "cpu/cpu_clip.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "checkpoint.hpp"
#include "cpu/kernel_choice.hpp"
#include "cpu/packed_linear.hpp"
#include "cpu/page_buffer.hpp"
#include "error.hpp"

namespace dfpipe::detector {

using cpu::Epilogue;
using cpu::Fusion;
using cpu::PackedLinear;
using cpu::PageBuffer;
using cpu::Rows;

namespace {

struct PackedLayer {
  Norm norm1, norm2;
  PackedLinear qkv, out, fc1, fc2;
};

/// Calls `body(i)` for 0 <= i < n on the threads that Torch's own loops use.
template <class Body>
void for_each(std::int64_t n, const Body& body) {
  at::parallel_for(0, n, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(i);
  });
}

/// Splits [0,rows) into pieces of one thread's share.
template <class Body>
void for_each_share(std::int64_t rows, const Body& body) {
  constexpr std::int64_t grain = 32;
  at::parallel_for(0, rows, grain, [&](std::int64_t begin, std::int64_t end) { body(begin, end - begin); });
}

Fusion fusion_of(const std::optional<HeadFusion>& wanted) {
  if (!wanted) return Fusion::none;
  return *wanted == HeadFusion::max ? Fusion::max : *wanted == HeadFusion::min ? Fusion::min : Fusion::mean;
}

}  // namespace

/// The temporaries of one call, for up to `max_pictures` pictures.
struct Workspace {
  PageBuffer stream;  ///< [B*T,D] float32, the residual stream
  PageBuffer normed;  ///< [B*T,D], what a layer norm gives, then the attention's context
  PageBuffer wide;    ///< [B*T,max(3D,M)], q, k and v or the MLP's hidden rows; at first the patches
  PageBuffer packed;  ///< keys and values of every head of every picture
  PageBuffer scores;  ///< one block of attention rows a thread
  std::int64_t pictures = 0;
  std::int64_t threads = 0;
};

struct CpuClip::State {
  ClipConfig config;
  at::ScalarType dtype = at::kFloat;
  at::Tensor class_embedding, positions;  // float32
  Norm pre_norm, post_norm;
  std::optional<PackedLinear> patches;
  std::vector<PackedLayer> layers;
  std::size_t small_bytes = 0;

  std::mutex mutex;
  std::vector<std::unique_ptr<Workspace>> idle;

  cpu::AttentionShape shape() const { return {config.tokens(), config.num_attention_heads, config.head_size()}; }
  std::size_t size_of(std::int64_t numbers) const { return static_cast<std::size_t>(numbers) * (bf16() ? 2 : 4); }
  bool bf16() const { return dtype == at::kBFloat16; }
  std::int64_t wide() const { return std::max(3 * config.hidden_size, config.intermediate_size); }
  std::int64_t patch_numbers() const { return 3 * config.patch_size * config.patch_size; }

  std::unique_ptr<Workspace> make_workspace(std::int64_t pictures, std::int64_t threads) const;
  std::unique_ptr<Workspace> take_workspace(std::int64_t pictures);
  void give_back(std::unique_ptr<Workspace> workspace);

  Rows rows(const PageBuffer& buffer, std::int64_t width) const { return {buffer.data(), width, bf16()}; }
  void normalise(const float* x, std::int64_t rows, const Norm& norm, const Rows& y) const;
  void embed(const at::Tensor& pixels, Workspace& w) const;
  void attend(Workspace& w, std::int64_t pictures, std::int64_t queries, Fusion fusion, at::Tensor* fused) const;
  void gather_first(Workspace& w, std::int64_t pictures) const;
  void forward(const at::Tensor& pixels, Workspace& w, Fusion fusion, std::vector<at::Tensor>& fused,
               const at::Tensor& pooled) const;
};

std::unique_ptr<Workspace> CpuClip::State::make_workspace(std::int64_t pictures, std::int64_t threads) const {
  const std::int64_t rows = pictures * config.tokens(), d = config.hidden_size;
  const cpu::AttentionShape s = shape();
  auto w = std::make_unique<Workspace>();
  w->pictures = pictures;
  w->threads = threads;
  w->stream = PageBuffer(static_cast<std::size_t>(rows * d) * sizeof(float));
  w->normed = PageBuffer(size_of(rows * d));
  const std::int64_t patch_rows = pictures * (config.tokens() - 1);
  w->wide = PageBuffer(std::max(size_of(rows * wide()), size_of(patch_rows * patch_numbers())));
  w->packed = PageBuffer(std::max(static_cast<std::size_t>(pictures * s.heads * s.packed_size()) * sizeof(float),
                                  static_cast<std::size_t>(patch_rows * d) * sizeof(float)));
  w->scores =
      PageBuffer(static_cast<std::size_t>(threads * cpu::Kernels::max_queries * s.padded_tokens()) * sizeof(float));
  return w;
}

std::unique_ptr<Workspace> CpuClip::State::take_workspace(std::int64_t pictures) {
  const std::int64_t threads = at::get_num_threads();
  {
    const std::lock_guard lock(mutex);
    for (auto& w : idle)
      if (w->pictures >= pictures && w->threads >= threads) {
        auto taken = std::move(w);
        std::erase(idle, nullptr);
        return taken;
      }
    idle.clear();  // too small for what comes now
  }
  return make_workspace(pictures, threads);
}

void CpuClip::State::give_back(std::unique_ptr<Workspace> workspace) {
  const std::lock_guard lock(mutex);
  idle.push_back(std::move(workspace));
}

void CpuClip::State::normalise(const float* x, std::int64_t rows, const Norm& norm, const Rows& y) const {
  const float* const weight = norm.weight.data_ptr<float>();
  const float* const bias = norm.bias.data_ptr<float>();
  for_each_share(rows, [&](std::int64_t first, std::int64_t count) {
    Rows part = y;
    part.data = static_cast<std::byte*>(y.data) + first * y.width * (y.bf16 ? 2 : 4);
    cpu::kernels().layer_norm(x + first * y.width, count, weight, bias, config.layer_norm_eps, part);
  });
}

void CpuClip::State::embed(const at::Tensor& pixels, Workspace& w) const {
  const std::int64_t b = pixels.size(0), t = config.tokens(), d = config.hidden_size, s = config.image_size;
  const Rows cut = rows(w.wide, patch_numbers());
  const Rows patch_rows{w.packed.data(), d, false};
  const float* const from = pixels.data_ptr<float>();
  for_each(b, [&](std::int64_t i) {
    Rows part = cut;
    part.data = static_cast<std::byte*>(cut.data) + static_cast<std::ptrdiff_t>(size_of(i * (t - 1) * cut.width));
    cpu::kernels().cut_patches(from + i * 3 * s * s, s, config.patch_size, part);
  });
  patches->run(cut, b * (t - 1), patch_rows);
  float* const x = w.stream.as<float>();
  for_each(b, [&](std::int64_t i) {
    cpu::kernels().add_positions(w.packed.as<float>() + i * (t - 1) * d, class_embedding.data_ptr<float>(),
                                 positions.data_ptr<float>(), t, d, x + i * t * d);
  });
  normalise(x, b * t, pre_norm, {x, d, false});
}

/// q, k and v in `wide` become the context in `normed`, of the first `queries` tokens of each picture.
void CpuClip::State::attend(Workspace& w, std::int64_t pictures, std::int64_t queries, Fusion fusion,
                            at::Tensor* fused) const {
  const cpu::AttentionShape s = shape();
  const std::int64_t t = config.tokens(), d = config.hidden_size;
  constexpr std::int64_t most = cpu::Kernels::max_queries;
  const auto of_picture = [&](const PageBuffer& buffer, std::int64_t width, std::int64_t b) {
    Rows part = rows(buffer, width);
    part.data = buffer.data() + size_of(b * t * width);
    return part;
  };
  const auto packed = [&](std::int64_t b, std::int64_t head) {
    return w.packed.as<float>() + (b * s.heads + head) * s.packed_size();
  };
  const auto scores = [&] { return w.scores.as<float>() + at::get_thread_num() * most * s.padded_tokens(); };

  for_each(pictures * s.heads, [&](std::int64_t i) {
    cpu::kernels().pack_head(of_picture(w.wide, 3 * d, i / s.heads), s, i % s.heads, packed(i / s.heads, i % s.heads));
  });
  const std::int64_t blocks = (queries + most - 1) / most;
  const auto block_of = [&](std::int64_t b, std::int64_t head, std::int64_t block) {
    cpu::kernels().attend(of_picture(w.wide, 3 * d, b), s, head, block * most, std::min(most, queries - block * most),
                          packed(b, head), scores(), of_picture(w.normed, d, b));
  };
  if (fusion == Fusion::none) {  // a head's keys and values stay in the cache for all its blocks
    for_each(pictures * s.heads, [&](std::int64_t i) {
      for (std::int64_t block = 0; block < blocks; ++block) block_of(i / s.heads, i % s.heads, block);
    });
    return;
  }
  // Here one thread does all heads of its rows, so that it alone adds into the rows' fused matrix. As few parts as
  // there are threads to feed: each part reads every head's keys and values anew.
  const std::int64_t parts = std::min(blocks, (at::get_num_threads() + pictures - 1) / pictures);
  for_each(pictures * parts, [&](std::int64_t i) {
    const std::int64_t b = i / parts, part = i % parts;
    for (std::int64_t head = 0; head < s.heads; ++head)
      for (std::int64_t block = part * blocks / parts; block < (part + 1) * blocks / parts; ++block) {
        block_of(b, head, block);
        cpu::kernels().fuse(scores(), s, head, std::min(most, queries - block * most), fusion,
                            fused->data_ptr<float>() + (b * t + block * most) * t);
      }
  });
}

/// Moves the CLS tokens' rows of the stream and of the context to the front.
void CpuClip::State::gather_first(Workspace& w, std::int64_t pictures) const {
  const std::int64_t t = config.tokens(), d = config.hidden_size;
  for (std::int64_t b = 1; b < pictures; ++b) {
    std::copy_n(w.stream.as<float>() + b * t * d, d, w.stream.as<float>() + b * d);
    std::copy_n(w.normed.data() + size_of(b * t * d), size_of(d), w.normed.data() + size_of(b * d));
  }
}

void CpuClip::State::forward(const at::Tensor& pixels, Workspace& w, Fusion fusion, std::vector<at::Tensor>& fused,
                             const at::Tensor& pooled) const {
  const std::int64_t b = pixels.size(0), t = config.tokens(), d = config.hidden_size;
  const Rows stream{w.stream.data(), d, false}, normed = rows(w.normed, d);
  const Epilogue activation = config.hidden_act == Activation::gelu ? Epilogue::gelu : Epilogue::quick_gelu;
  embed(pixels, w);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const PackedLayer& layer = layers[i];
    const bool last = i + 1 == layers.size();
    std::int64_t n = b * t;
    normalise(w.stream.as<float>(), n, layer.norm1, normed);
    layer.qkv.run(normed, n, rows(w.wide, 3 * d));
    // Of the last layer only the CLS token's row is wanted, though all tokens are attended.
    const std::int64_t queries = last && fusion == Fusion::none ? 1 : t;
    attend(w, b, queries, fusion, fusion == Fusion::none ? nullptr : &fused[i]);
    if (last) {
      gather_first(w, b);
      n = b;
    }
    layer.out.run(normed, n, stream, Epilogue::add);
    normalise(w.stream.as<float>(), n, layer.norm2, normed);
    const Rows hidden = rows(w.wide, config.intermediate_size);
    layer.fc1.run(normed, n, hidden, activation);
    layer.fc2.run(hidden, n, stream, Epilogue::add);
  }
  normalise(w.stream.as<float>(), b, post_norm, {pooled.data_ptr<float>(), d, false});
}

CpuClip::CpuClip(ClipVision&& model, at::ScalarType dtype) : state_(std::make_unique<State>()) {
  const at::NoGradGuard constant;
  State& s = *state_;
  s.config = model.config();
  s.dtype = dtype;
  if (s.config.head_size() > 256)
    throw ModelError("attention heads of " + std::to_string(s.config.head_size()) +
                     " numbers are too wide (at most 256)");
  const auto small = [&](at::Tensor& t) {
    at::Tensor own = t.to(at::kFloat, false, true).contiguous();
    t.reset();
    s.small_bytes += own.nbytes();
    return own;
  };
  const auto norm = [&](Norm& n) { return Norm{small(n.weight), small(n.bias)}; };
  const auto pack = [&](Linear& linear) {
    const at::Tensor weight = linear.merged_weight();
    linear.weight.reset();
    linear.adapter.reset();
    return PackedLinear(weight, small(linear.bias), dtype);
  };
  const auto pack_qkv = [&](EncoderLayer& layer) {
    const at::Tensor weight = at::cat({layer.q.merged_weight(), layer.k.merged_weight(), layer.v.merged_weight()});
    at::Tensor bias = at::cat({layer.q.bias, layer.k.bias, layer.v.bias});
    layer.q = layer.k = layer.v = Linear{};
    return PackedLinear(weight, small(bias), dtype);
  };
  ClipWeights parts = std::move(model).take();
  s.class_embedding = small(parts.class_embedding);
  s.positions = small(parts.positions);
  s.pre_norm = norm(parts.pre_norm);
  s.post_norm = norm(parts.post_norm);
  s.patches.emplace(parts.patch_weight.flatten(1), at::zeros({s.config.hidden_size}), dtype);
  parts.patch_weight.reset();
  s.layers.reserve(parts.layers.size());
  for (EncoderLayer& layer : parts.layers) {
    PackedLinear qkv = pack_qkv(layer), out = pack(layer.out), fc1 = pack(layer.fc1), fc2 = pack(layer.fc2);
    s.layers.push_back(
        {norm(layer.norm1), norm(layer.norm2), std::move(qkv), std::move(out), std::move(fc1), std::move(fc2)});
  }
}

CpuClip::~CpuClip() = default;

const ClipConfig& CpuClip::config() const noexcept { return state_->config; }

std::size_t CpuClip::weight_bytes() const {
  std::size_t bytes = state_->small_bytes + state_->patches->bytes();
  for (const PackedLayer& layer : state_->layers)
    bytes += layer.qkv.bytes() + layer.out.bytes() + layer.fc1.bytes() + layer.fc2.bytes();
  return bytes;
}

ClipOutput CpuClip::forward(const at::Tensor& pixels, const ClipRequest& request) const {
  const at::NoGradGuard constant;
  require_pixels(pixels, config());
  if (request.hidden_states || request.dropout)
    throw ModelError("a model prepared for inference gives no hidden states and knows no dropout");
  const at::Tensor x = pixels.to(at::kCPU, at::kFloat).contiguous();
  const Fusion fusion = fusion_of(request.attentions);
  const std::int64_t b = x.size(0), t = config().tokens();
  ClipOutput out;
  out.pooled = at::empty({b, config().hidden_size}, at::kFloat);
  if (fusion != Fusion::none)
    for (std::size_t i = 0; i < state_->layers.size(); ++i) out.attentions.push_back(at::empty({b, t, t}, at::kFloat));
  if (b == 0) return out;
  auto workspace = state_->take_workspace(std::min(b, max_pictures));
  for (std::int64_t first = 0; first < b; first += max_pictures) {
    const std::int64_t count = std::min(max_pictures, b - first);
    std::vector<at::Tensor> fused;
    for (const at::Tensor& layer : out.attentions) fused.push_back(layer.narrow(0, first, count));
    state_->forward(x.narrow(0, first, count), *workspace, fusion, fused, out.pooled.narrow(0, first, count));
  }
  state_->give_back(std::move(workspace));
  return out;
}

}  // namespace dfpipe::detector
