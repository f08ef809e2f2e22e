#include "log_magnitude.hpp"

#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace dfpipe::spectrum {
namespace {

struct Free {
  void operator()(void* p) const noexcept { fftwf_free(p); }
};

/// Aligned memory, as the plans were made for.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t n) : data_(static_cast<T*>(fftwf_malloc(n * sizeof(T)))) {
    if (!data_) throw std::bad_alloc();
  }
  T* get() const noexcept { return data_.get(); }

 private:
  std::unique_ptr<T, Free> data_;
};

/// Plans by size, kept for the life of the process. FFTW's planner is not thread-safe, executing a plan is.
class Plans {
 public:
  fftwf_plan get(int height, int width) {
    const std::lock_guard lock(mutex_);
    fftwf_plan& plan = plans_[{height, width}];
    if (plan == nullptr) {
      const Buffer<float> in(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
      const Buffer<fftwf_complex> out(static_cast<std::size_t>(height) * static_cast<std::size_t>(width / 2 + 1));
      // Not FFTW_MEASURE: it would choose by the clock, and so round differently from run to run.
      plan = fftwf_plan_dft_r2c_2d(height, width, in.get(), out.get(), FFTW_ESTIMATE);
      if (plan == nullptr) throw std::runtime_error("FFTW has no plan for this size");
    }
    return plan;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<int, int>, fftwf_plan> plans_;
};

Plans& plans() {
  static Plans& all = *new Plans;  // never destroyed: threads may still run at exit
  return all;
}

}  // namespace

void log_magnitude_spectrum(const float* gray, std::int64_t height, std::int64_t width, float* out) {
  constexpr std::int64_t largest = 1 << 15;
  if (height < 1 || width < 1 || height > largest || width > largest)
    throw std::invalid_argument("a spectrum's picture must have 1 to 32768 rows and columns");
  const auto pixels = static_cast<std::size_t>(height * width);
  const std::int64_t half = width / 2 + 1;
  const Buffer<float> in(pixels);
  const Buffer<fftwf_complex> bins(static_cast<std::size_t>(height * half));
  std::copy_n(gray, pixels, in.get());
  fftwf_execute_dft_r2c(plans().get(static_cast<int>(height), static_cast<int>(width)), in.get(), bins.get());

  // A real picture's spectrum is point-symmetric: |F(-u,-v)| = |F(u,v)| fills the columns that r2c leaves out.
  for (std::int64_t u = 0; u < height; ++u) {
    float* const row = out + (u + height / 2) % height * width;
    float* const mirrored = out + ((height - u) % height + height / 2) % height * width;
    for (std::int64_t v = 0; v < half; ++v) {
      const fftwf_complex& bin = bins.get()[u * half + v];
      const float value = std::log1p(std::sqrt(bin[0] * bin[0] + bin[1] * bin[1]));
      row[(v + width / 2) % width] = value;
      if (v > 0 && width - v >= half) mirrored[(width - v + width / 2) % width] = value;
    }
  }
}

}  // namespace dfpipe::spectrum
