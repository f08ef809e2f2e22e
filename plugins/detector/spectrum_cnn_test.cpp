#include <gmock/gmock.h>

#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(SpectrumCnn, RecordsGradientsInTheTrainPhaseOnly) {
  const at::Tensor spectrum = run_fft(Original().pixels()).requires_grad_();
  NodeRunner cnn = node("spectrum-cnn");
  cnn.in("spectrum", spectrum);
  EXPECT_FALSE(cnn.run().get<at::Tensor>("embedding").requires_grad());
  cnn.attributes({.phase = Phase::train});
  EXPECT_TRUE(cnn.run().get<at::Tensor>("embedding").requires_grad());
}

TEST(SpectrumCnn, BatchNormUsesTheBatchInTheTrainPhase) {
  const at::Tensor spectrum = at::cat({run_fft(Original().pixels()), at::ones({1, 1, 224, 224})});
  NodeRunner cnn = node("spectrum-cnn");
  cnn.in("spectrum", spectrum);
  const at::Tensor before = cnn.run().get<at::Tensor>("embedding");
  cnn.attributes({.phase = Phase::train});
  EXPECT_FALSE(close(cnn.run().get<at::Tensor>("embedding"), before, 1e-3));
  cnn.attributes({.phase = Phase::eval});
  EXPECT_FALSE(at::equal(cnn.run().get<at::Tensor>("embedding"), before)) << "the running statistics have moved";
}

TEST(SpectrumCnn, RefusesASpectrumOfTheWrongShape) {
  EXPECT_THAT(message_of([] { run_spectrum(at::zeros({1, 3, 8, 8})); }), HasSubstr("[B,1,H,W]"));
}

}  // namespace
}  // namespace dfpipe::detector
