#include "fft_plans.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <stdexcept>

namespace dfpipe::spectrum {
namespace {

/// FFTW's planner, destroying included, is not thread-safe; executing is. Recursive, because a plan that goes while
/// another is made takes it again.
std::recursive_mutex& planner() {
  static auto& mutex = *new std::recursive_mutex;  // never destroyed: threads may still run at exit
  return mutex;
}

template <class T>
struct Kept {
  int height;
  int width;
  FftPlan<T> plan;
};

/// The plan used last stands first.
template <class T>
std::list<Kept<T>>& kept() {
  static auto& all = *new std::list<Kept<T>>;
  return all;
}

template <class T>
FftPlan<T> make_plan(int height, int width) {
  const AlignedArray<T> shape(static_cast<std::size_t>(height) * 2 * (static_cast<std::size_t>(width) / 2 + 1));
  // Not FFTW_MEASURE: it would choose by the clock, and so round differently from run to run.
  const auto plan = Fftw<T>::plan(height, width, shape.get(), reinterpret_cast<T(*)[2]>(shape.get()), FFTW_ESTIMATE);
  if (plan == nullptr) throw std::runtime_error("FFTW has no plan for this size");
  return FftPlan<T>(plan, [](typename Fftw<T>::Plan old) {
    const std::lock_guard lock(planner());
    Fftw<T>::destroy(old);
  });
}

}  // namespace

template <class T>
FftPlan<T> fft_plan(int height, int width) {
  const std::lock_guard lock(planner());
  auto& all = kept<T>();
  const auto found =
      std::ranges::find_if(all, [&](const Kept<T>& k) { return k.height == height && k.width == width; });
  if (found != all.end()) {
    all.splice(all.begin(), all, found);
  } else {
    all.push_front({height, width, make_plan<T>(height, width)});
    if (all.size() > most_fft_plans) all.pop_back();
  }
  return all.front().plan;
}

template <class T>
std::size_t kept_fft_plans() {
  const std::lock_guard lock(planner());
  return kept<T>().size();
}

template FftPlan<float> fft_plan<float>(int, int);
template FftPlan<double> fft_plan<double>(int, int);
template std::size_t kept_fft_plans<float>();
template std::size_t kept_fft_plans<double>();

}  // namespace dfpipe::spectrum
