#pragma once

#include <cstdint>

#include "clip_vision.hpp"
#include "heads.hpp"

namespace dfpipe::detector {

/// Weights to start a training from. They depend on `seed` and the tensors' names alone.

/// As Hugging Face's CLIP starts (`_init_weights` of its CLIPPreTrainedModel, factor 1), with width d and L layers:
/// normal numbers of deviation d^-1/2 for the class embedding, 0.02 for patches and positions, (2 L d)^-1/2 for q, k, v
/// and fc2, d^-1/2 for out, (2 d)^-1/2 for fc1; biases 0, norms 1 and 0.
void start_clip(ClipVision& clip, std::uint64_t seed);

/// As PyTorch starts Conv2d and Linear: weights and biases uniform between ±1/sqrt(inputs of an output); batch norms 1
/// and 0.
void start_heads(Heads& heads, std::uint64_t seed);

/// The projection head of the contrastive loss, started the same way: linear, ReLU, linear from the fused vector to
/// `width` numbers.
void start_projection(Heads& heads, std::int64_t width, std::uint64_t seed);

}  // namespace dfpipe::detector
