#pragma once

#include <fftw3.h>

#include <memory>
#include <type_traits>

namespace dfpipe::spectrum {

/// FFTW has one set of names for each precision.
template <class T>
struct Fftw;

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  static constexpr auto* plan = fftwf_plan_dft_r2c_2d;
  static constexpr auto* execute = fftwf_execute_dft_r2c;
  static constexpr auto* destroy = fftwf_destroy_plan;
};

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  static constexpr auto* plan = fftw_plan_dft_r2c_2d;
  static constexpr auto* execute = fftw_execute_dft_r2c;
  static constexpr auto* destroy = fftw_destroy_plan;
};

/// Memory aligned as the plans need it, not initialised.
template <class T>
class AlignedArray {
 public:
  explicit AlignedArray(std::size_t n) : data_(static_cast<T*>(::operator new(n * sizeof(T), alignment))) {}
  T* get() const noexcept { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(T* p) const noexcept { ::operator delete(p, alignment); }
  };
  std::unique_ptr<T, Free> data_;
};

template <class T>
using FftPlan = std::shared_ptr<std::remove_pointer_t<typename Fftw<T>::Plan>>;

/// The two-dimensional transform of a real picture, in place: `height` rows of `width` numbers, each padded to
/// 2 (width/2 + 1), become rows of width/2 + 1 complex numbers. T is float or double. Safe to call from any thread, as
/// is executing the plan; the plans used last are kept. Throws std::runtime_error.
template <class T>
FftPlan<T> fft_plan(int height, int width);

/// Most plans that are kept of each precision: pictures of many sizes must not fill the memory with them.
inline constexpr std::size_t most_fft_plans = 32;
template <class T>
std::size_t kept_fft_plans();

}  // namespace dfpipe::spectrum
