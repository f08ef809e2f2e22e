#include <gmock/gmock.h>

#include "dfpipe/types/tensor.hpp"
#include "testing/node_runner.hpp"

namespace {

using namespace dfpipe;
using dfpipe::testing::NodeRunner;

TEST(Mirror, TurnsEachRowOfPixelsRoundAndNothingElse) {
  const at::Tensor pixels = at::arange(2 * 3 * 4 * 5, at::kFloat).view({2, 3, 4, 5});
  NodeRunner mirror("mirror");
  const at::Tensor mirrored = mirror.in("pixels", pixels).run().get<at::Tensor>("pixels");
  for (std::int64_t x = 0; x < 5; ++x) EXPECT_TRUE(at::equal(mirrored.select(3, x), pixels.select(3, 4 - x)));
  EXPECT_TRUE(at::equal(mirror.in("pixels", mirrored).run().get<at::Tensor>("pixels"), pixels));
}

TEST(Mirror, RefusesWhatIsNoBatchOfPictures) {
  NodeRunner mirror("mirror");
  mirror.in("pixels", at::zeros({3, 4, 4}));
  EXPECT_THROW(mirror.run(), Error);
}

}  // namespace
