#include <gtest/gtest.h>

#include <algorithm>

#include "predict_run.hpp"

namespace dfpipe::testing {
namespace {

TEST(Memory, DoesNotGrowWithTheNumberOfImages) {
  const ScratchFolder in, out;
  many_images(in / "few", 1000);
  many_images(in / "many", 3000);
  // Pre-cropped, so that the time goes into many items rather than into face detection. All runs are long enough for
  // the allocators' pools to have filled: short ones end at different heights.
  const auto peak = [&](const std::string& images, const std::string& output) {
    const Finished f = predict(
        in / images, out / output,
        {"--quiet", "--threads", "2", "--set", "faces.precropped=true", "--set", "per-face/rollout.enabled=false"});
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return f.peak_kib;
  };
  // The sizes of the batches differ from run to run, and the peak with them by a few percent.
  const long few = std::max(peak("few", "a"), peak("few", "b")), many = peak("many", "c");
  EXPECT_LE(static_cast<double>(many), static_cast<double>(few) * 1.10) << few << " KiB, then " << many << " KiB";
  RecordProperty("peak_kib_1000", static_cast<int>(few));
  RecordProperty("peak_kib_3000", static_cast<int>(many));
}

TEST(Memory, OfFeaturesDoesNotGrowWithTheRows) {
  const ScratchFolder in, out;
  const auto peak = [&](int count) {
    const std::string name = std::to_string(count);
    many_images(in / name, count);
    const Finished f =
        run_process({DFPIPE_BINARY, "run", "pipelines/features.yaml", "--quiet", "--threads", "2", "--set",
                     "input=" + (in / name).string(), "--set", "precropped=true", "--set",
                     "output=" + (out / name).string() + ".safetensors", "--set", "write=[pixel_values, spectrum]"});
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return f.peak_kib;
  };
  // A row takes 0.8 MB, so that 600 more of them would be 480 MB.
  const long few = peak(200), many = peak(800);
  EXPECT_LE(many, few + 100'000) << few << " KiB, then " << many << " KiB";
}

}  // namespace
}  // namespace dfpipe::testing
