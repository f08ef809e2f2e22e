#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <vector>

#include "clip_encoder.hpp"
#include "heads.hpp"

namespace dfpipe::detector {

/// What `bench detector` measures: an encoder and heads, ready on one device.
struct BenchModel {
  std::unique_ptr<ClipEncoder> clip;
  Heads heads;
  at::Device device = at::kCPU;
  at::ScalarType precision = at::kFloat;
};

/// A ViT-L/14 for pictures of 224 pixels (Radford et al. 2021) and heads with random weights.
BenchModel random_vit_l14(at::Device device, at::ScalarType precision);

BenchModel read_model(const std::filesystem::path& folder, at::Device device, at::ScalarType precision);

/// Seconds for one forward pass of `batch` pictures, the best of several.
struct ForwardTimes {
  double clip = 0;
  double clip_with_attentions = 0;
  double spectrum_and_heads = 0;
};

/// One round of calls after another, so that a busy moment of the machine meets all of them; at least three rounds, and
/// more while `seconds` have not passed.
ForwardTimes time_forward(const BenchModel& model, std::int64_t batch, double seconds, const std::stop_token& stop);

/// Seconds to read the weight files of a model folder byte for byte, into memory that is filled for the first time.
double time_reading(const std::filesystem::path& folder);

}  // namespace dfpipe::detector
