#include "device.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "clip_encoder.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(Device, WishesThatCannotBeMetSaySo) {
  EXPECT_EQ(resolve_device("cpu"), at::Device(at::kCPU));
  EXPECT_THAT(message_of([] { resolve_device("gpu"); }), HasSubstr("'gpu' is not known"));
  EXPECT_THAT(message_of([] { resolve_device("cuda:x"); }), HasSubstr("not known"));
  if (at::hasCUDA()) return;
  EXPECT_EQ(resolve_device("auto"), at::Device(at::kCPU));
  EXPECT_THAT(message_of([] { resolve_device("cuda:0"); }), HasSubstr("no CUDA device"));
}

TEST(Precision, AutoIsTheReferencesOnTheCpuAndHalfOnAGpu) {
  EXPECT_EQ(resolve_precision("auto", at::kCPU), at::kFloat);
  EXPECT_EQ(resolve_precision("auto", at::Device(at::kCUDA, 0)), at::kHalf);
}

TEST(Precision, WishesThatTheProcessorCannotMeetSaySo) {
  EXPECT_THAT(message_of([] { resolve_precision("fp16", at::kCPU); }), HasSubstr("needs a GPU"));
  EXPECT_THAT(message_of([] { resolve_precision("fp8", at::kCPU); }), HasSubstr("'fp8' is not known"));
  if (has_fast_bf16())
    EXPECT_EQ(resolve_precision("bf16", at::kCPU), at::kBFloat16);
  else
    EXPECT_THAT(message_of([] { resolve_precision("bf16", at::kCPU); }), HasSubstr("neither AVX512-BF16 nor AMX"));
}

}  // namespace
}  // namespace dfpipe::detector
