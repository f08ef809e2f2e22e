#pragma once

#include <cstdint>

/// The element-wise work and the attention of the prepared model, and the spectrum's convolutions. The code is compiled
/// once per instruction set (kernels_impl.hpp) and the best one that this processor has is chosen at run time
/// (kernel_choice.hpp).
namespace dfpipe::detector::cpu {

enum class Fusion : std::uint8_t { none, mean, max, min };

/// Activations [rows,width] as float32 or, where `bf16` says so, as the upper halves of float32.
struct Rows {
  void* data = nullptr;
  std::int64_t width = 0;
  bool bf16 = false;
};

/// Attention of one picture: `heads` heads of `head_size` over `tokens` tokens.
struct AttentionShape {
  std::int64_t tokens = 0, heads = 0, head_size = 0;

  static constexpr std::int64_t lanes = 16;
  // Inlined always: a copy of its own could be the one compiled for another instruction set.
  [[gnu::always_inline]] std::int64_t padded_tokens() const { return (tokens + lanes - 1) / lanes * lanes; }
  [[gnu::always_inline]] std::int64_t padded_head() const { return (head_size + lanes - 1) / lanes * lanes; }
  /// Floats that the packed keys and values of one head take.
  [[gnu::always_inline]] std::int64_t packed_size() const {
    return head_size * padded_tokens() + tokens * padded_head();
  }
};

/// The spectrum's two convolutions over one picture [height,width]; see PackedSpectrum for what they are.
struct SpectrumShape {
  std::int64_t height = 0, width = 0;         ///< of the picture, each at least 2
  std::int64_t channels1 = 0, channels2 = 0;  ///< after the first and second convolution, multiples of the lanes

  static constexpr std::int64_t band_tiles = 4;    ///< rows of tiles in a band
  static constexpr std::int64_t block_tiles = 24;  ///< tiles that are transformed together
  /// The plane after the pool, and in how many tiles of 2x2 places it is cut.
  [[gnu::always_inline]] std::int64_t pooled_height() const { return height / 2; }
  [[gnu::always_inline]] std::int64_t pooled_width() const { return width / 2; }
  [[gnu::always_inline]] std::int64_t tile_rows() const { return (pooled_height() + 1) / 2; }
  [[gnu::always_inline]] std::int64_t tile_columns() const { return (pooled_width() + 1) / 2; }
  [[gnu::always_inline]] std::int64_t bands() const { return (tile_rows() + band_tiles - 1) / band_tiles; }

  // The parts of the scratch memory, in floats. A border of one place stands around each plane.
  [[gnu::always_inline]] std::int64_t pooled_rows() const { return 2 * band_tiles + 2; }
  [[gnu::always_inline]] std::int64_t pooled_stride() const { return (2 * tile_columns() + 2) * channels1; }
  [[gnu::always_inline]] std::int64_t line_stride() const { return width + 2; }
  [[gnu::always_inline]] std::int64_t lines_size() const {
    return ((2 * pooled_rows() + 2) * line_stride() + AttentionShape::lanes - 1) / AttentionShape::lanes *
           AttentionShape::lanes;
  }
  [[gnu::always_inline]] std::int64_t pooled_size() const { return pooled_rows() * pooled_stride(); }
  [[gnu::always_inline]] std::int64_t scratch_size() const {
    return lines_size() + pooled_size() + 16 * block_tiles * (channels1 + channels2);
  }
};

/// Weights with the batch norms worked in; missing channels are zeros.
struct SpectrumWeights {
  const float* first = nullptr;        ///< [9,channels1]
  const float* first_bias = nullptr;   ///< [channels1]
  const float* second = nullptr;       ///< [16,channels1,channels2], transformed: G w Gᵀ
  const float* second_bias = nullptr;  ///< [channels2]
};

struct Kernels {
  const char* name;

  /// y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias for `rows` rows of float32, variance over the width
  /// (biased). y may be x.
  void (*layer_norm)(const float* x, std::int64_t rows, const float* weight, const float* bias, double eps, Rows y);

  /// x[0] = class_embedding + positions[0]; x[1 + i] = patches[i] + positions[1 + i], for one picture.
  void (*add_positions)(const float* patches, const float* class_embedding, const float* positions, std::int64_t tokens,
                        std::int64_t width, float* x);

  /// The patches of one picture [3,size,size] as rows [(size/patch)²,3*patch*patch]: channel, then line, then column.
  void (*cut_patches)(const float* picture, std::int64_t size, std::int64_t patch, Rows y);

  /// Keys (transposed, columns padded with zeros) and values of one head of one picture, from rows [q k v].
  void (*pack_head)(const Rows& qkv, const AttentionShape& shape, std::int64_t head, float* packed);

  /// Queries [first, first + count) of one head of one picture, count at most `max_queries`: softmax(q kᵀ / sqrt(d)) v
  /// into `context`. The probabilities stay in `scores` [count,padded_tokens].
  void (*attend)(const Rows& qkv, const AttentionShape& shape, std::int64_t head, std::int64_t first,
                 std::int64_t count, const float* packed, float* scores, const Rows& context);

  /// Works the probabilities of head number `head` into `fused` [count,tokens]; the last head ends a mean.
  void (*fuse)(const float* scores, const AttentionShape& shape, std::int64_t head, std::int64_t count, Fusion fusion,
               float* fused);

  /// Adds to sums [channels2] what band number `band` of one picture gives: the sums over its places, always in the
  /// same order. `scratch` has room for scratch_size() floats.
  void (*add_spectrum_band)(const float* picture, const SpectrumShape& shape, const SpectrumWeights& weights,
                            std::int64_t band, float* scratch, double* sums);

  static constexpr std::int64_t max_queries = 64;
};

}  // namespace dfpipe::detector::cpu
