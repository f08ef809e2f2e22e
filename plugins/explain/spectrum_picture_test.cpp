#include <gmock/gmock.h>

#include <cmath>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/tensor.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::explain {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;

at::Tensor cone() {
  at::Tensor spectrum = at::zeros({1, 1, 8, 8});
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) spectrum[0][0][y][x] = std::round(std::hypot(x - 4, y - 4));
  return spectrum;
}

TEST(SpectrumPicture, TheProfileIsTheMeanByDistanceFromTheZeroFrequency) {
  NodeRunner runner("spectrum-picture");
  const Outputs out = runner.in("spectrum", cone()).run();
  const auto& profile = out.get<List<double>>("profile");
  ASSERT_EQ(profile.size(), 5u);  // 0 to half the side
  for (std::size_t r = 0; r < profile.size(); ++r) EXPECT_DOUBLE_EQ(profile.at(r), static_cast<double>(r));
}

TEST(SpectrumPicture, ThePictureIsAGreyPngOfTheSpectrumsSize) {
  NodeRunner runner("spectrum-picture");
  const auto png = runner.in("spectrum", cone()).run().get<Bytes>("png").data;
  ASSERT_GT(png.size(), 26u);
  EXPECT_EQ(png[1], 'P');
  EXPECT_EQ(png[19], 8);  // width
  EXPECT_EQ(png[23], 8);  // height
  EXPECT_EQ(png[25], 0);  // grey
}

TEST(SpectrumPicture, AnEvenSpectrumIsDrawnAndOneOfAnotherShapeIsRefused) {
  NodeRunner even("spectrum-picture");
  EXPECT_FALSE(even.in("spectrum", at::ones({1, 1, 4, 4})).run().get<Bytes>("png").data.empty());
  NodeRunner several("spectrum-picture");
  several.in("spectrum", at::ones({2, 1, 4, 4}));
  EXPECT_THROW(several.run(), Error);
}

}  // namespace
}  // namespace dfpipe::explain
