#include <gtest/gtest.h>

#include "predict_run.hpp"

namespace dfpipe::testing {
namespace {

TEST(Memory, DoesNotGrowWithTheNumberOfImages) {
  const ScratchFolder in, out;
  const auto peak = [&](int count) {
    const auto folder = in / std::to_string(count);
    many_images(folder, count);
    // Pre-cropped, so that the time goes into many items rather than into face detection. Both runs are long enough for
    // the allocators' pools to have filled: short ones end at different heights.
    const Finished f = predict(
        folder, out / std::to_string(count),
        {"--quiet", "--threads", "2", "--set", "faces.precropped=true", "--set", "per-face/rollout.enabled=false"});
    EXPECT_EQ(f.exit_code, 0) << f.err;
    return f.peak_kib;
  };
  const long few = peak(1000), many = peak(3000);
  EXPECT_LE(static_cast<double>(many), static_cast<double>(few) * 1.10) << few << " KiB, then " << many << " KiB";
  RecordProperty("peak_kib_1000", static_cast<int>(few));
  RecordProperty("peak_kib_3000", static_cast<int>(many));
}

}  // namespace
}  // namespace dfpipe::testing
