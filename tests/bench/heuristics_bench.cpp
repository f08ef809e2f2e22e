#include <benchmark/benchmark.h>

#include <opencv2/core/utility.hpp>

#include "drawn.hpp"
#include "judging.hpp"
#include "original.hpp"

/// Time a face, on one thread: the frame and all six measures. The argument is the face's width in the picture, pixels.
namespace {

using namespace dfpipe;
using namespace dfpipe::heuristics;

Drawn scaled(std::int64_t face_width) {
  Drawn one = drawn(0);
  const double factor = static_cast<double>(face_width) / (2 * one.look.half_width);
  cv::resize(one.picture, one.picture, {}, factor, factor, cv::INTER_AREA);
  for (cv::Point2f& p : *one.face.key_points) p *= factor;
  one.face.crop_box = cv::Rect(cv::Rect2d(one.face.box.tl() * factor, one.face.box.size() * factor));
  one.face.crop.pixels = one.picture(one.face.crop_box & cv::Rect({0, 0}, one.picture.size())).clone();
  return one;
}

void calibrated(benchmark::State& state) {
  cv::setNumThreads(1);
  const Drawn one = scaled(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(measure_calibrated(one.face, one.picture));
}

void as_the_original(benchmark::State& state) {
  cv::setNumThreads(1);
  const Drawn one = scaled(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(original::measure(one.face, one.picture));
}

BENCHMARK(calibrated)
    ->Arg(64)
    ->Arg(150)
    ->Arg(300)
    ->Arg(530)
    ->Arg(1000)
    ->Arg(3000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(as_the_original)->Arg(150)->Arg(300)->Arg(530)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
