#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "dfpipe/types/sample.hpp"

namespace dfpipe::training {

/// What is known of a batch besides its pixels: a row a picture that could be read.
struct BatchLabels {
  at::Tensor labels;                              ///< [B] int64: 0 genuine, 1 fake
  std::vector<Sample> samples;                    ///< of the rows
  std::int64_t failed = 0;                        ///< pictures that fell out
  std::string first_failure;                      ///< of them the first: its name and why
  std::chrono::steady_clock::time_point ready{};  ///< when the batch was put together
};

}  // namespace dfpipe::training

template <>
struct dfpipe::Type<dfpipe::training::BatchLabels> {
  static constexpr std::string_view name = "batch-labels";
};
