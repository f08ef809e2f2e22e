#include "log_magnitude.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace dfpipe::spectrum {
namespace {

std::size_t padded_size(std::int64_t height, std::int64_t width) {
  constexpr std::int64_t most_pixels = 1 << 30;
  if (height < 1 || width < 1 || height > most_pixels / width)
    throw std::invalid_argument("a spectrum's picture must have 1 to 2^30 pixels");
  return static_cast<std::size_t>(height * 2 * (width / 2 + 1));
}

}  // namespace

template <class T>
HalfMagnitude<T>::HalfMagnitude(std::int64_t height, std::int64_t width)
    : height_(height), width_(width), values_(padded_size(height, width)) {}

template <class T>
void HalfMagnitude<T>::transform() {
  T* const values = values_.get();
  const FftPlan<T> plan = fft_plan<T>(static_cast<int>(height_), static_cast<int>(width_));
  Fftw<T>::execute(plan.get(), values, reinterpret_cast<T(*)[2]>(values));
  // Each value is written at or before the complex number that it is made from.
  const std::int64_t bins = height_ * columns();
  for (std::int64_t i = 0; i < bins; ++i) {
    const T re = values[2 * i], im = values[2 * i + 1];
    values[i] = std::sqrt(re * re + im * im);
  }
}

template class HalfMagnitude<float>;
template class HalfMagnitude<double>;

void log_magnitude_spectrum(const float* gray, std::int64_t height, std::int64_t width, float* out) {
  HalfMagnitude<float> spectrum(height, width);
  for (std::int64_t y = 0; y < height; ++y) std::copy_n(gray + y * width, width, spectrum.pixels(y));
  spectrum.transform();
  const std::int64_t half = spectrum.columns();
  for (std::int64_t u = 0; u < height; ++u) {
    float* const row = out + (u + height / 2) % height * width;
    float* const mirrored = out + ((height - u) % height + height / 2) % height * width;
    for (std::int64_t v = 0; v < half; ++v) {
      const float value = std::log1p(spectrum.row(u)[v]);
      row[(v + width / 2) % width] = value;
      if (v > 0 && width - v >= half) mirrored[(width - v + width / 2) % width] = value;
    }
  }
}

}  // namespace dfpipe::spectrum
