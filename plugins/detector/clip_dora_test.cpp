#include <gmock/gmock.h>

#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(ClipDora, AttentionsAreMadeOnlyWhenSomethingReadsThem) {
  NodeRunner clip = node("clip-dora");
  clip.in("pixels", Original().pixels());
  EXPECT_EQ(clip.run().get<Attentions>("attentions").layers.size(), 2u);
  EXPECT_FALSE(clip.wanted("attentions", false).run().has("attentions"));
}

TEST(ClipDora, RefusesPixelsOfTheWrongShape) {
  EXPECT_THAT(message_of([] { run_clip(at::zeros({1, 3, 32, 32})); }), HasSubstr("the model wants Bx3x224x224"));
}

}  // namespace
}  // namespace dfpipe::detector
