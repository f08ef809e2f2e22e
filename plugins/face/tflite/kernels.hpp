#pragma once

#include <cstdint>
#include <span>

/// The arithmetic that nearly all of a small convolutional network's time goes into, on pictures with the channels
/// last. Compiled once per instruction set (kernels_impl.hpp); the best one that this processor has is chosen at run
/// time.
namespace dfpipe::tflite {

enum class Rectifier : std::uint8_t { none, relu, prelu };

/// What happens to a sum before it is stored: the bias is added, then the residual where there is one, then negative
/// values are made 0 (relu) or multiplied by their channel's slope (prelu).
struct Finish {
  const float* bias = nullptr;      ///< [channels], filled up
  const float* residual = nullptr;  ///< as large as the result, or null
  Rectifier rectifier = Rectifier::none;
  const float* slope = nullptr;  ///< [channels], filled up; prelu only
};

/// A filter over each channel of its own. Sizes in elements.
struct Depthwise {
  std::int64_t in_h = 0, in_w = 0, out_h = 0, out_w = 0, channels = 0;
  std::int64_t filter_h = 0, filter_w = 0, stride_h = 1, stride_w = 1;
  std::int64_t above = 0, left = 0;  ///< rows and columns of zeros before the picture
};

struct Kernels {
  const char* name;
  /// Channels are worked on in groups of this many; what is "filled up" has zeros after its channels, to whole groups.
  std::int64_t lanes;

  /// y [rows,out] = finish(x [rows,in] W), W as groups of `lanes` columns: [out/lanes, rounded up][in][lanes].
  void (*product)(const float* x, std::int64_t rows, std::int64_t in, std::int64_t out, const float* weights,
                  const Finish& finish, float* y);

  /// y [out_h,out_w,channels] of x [in_h,in_w,channels]; weights [filter_h,filter_w,channels, filled up].
  void (*depthwise)(const float* x, const Depthwise& how, const float* weights, const Finish& finish, float* y);
};

using KernelSets = std::span<const Kernels* const>;

/// All that this processor can run, the widest first.
KernelSets runnable_kernels();

/// The widest of them that has no group half empty on so many channels, which costs more than narrow groups do; if
/// there is none, the narrowest.
const Kernels& choose(KernelSets sets, std::int64_t channels);

}  // namespace dfpipe::tflite
