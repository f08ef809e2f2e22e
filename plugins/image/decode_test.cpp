#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "codec.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "png_writer.hpp"
#include "test_files.hpp"
#include "testing/node_runner.hpp"

namespace {

using namespace dfpipe;
using dfpipe::testing::NodeRunner;

TEST(Decode, TellsSizeFormatAndHashOfTheUprightPicture) {
  const cv::Mat picture = test_files::quadrants(48, 32);
  const auto file = test_files::with_png_chunk(codec::encode_png(test_files::stored_for(picture, 6)), "eXIf",
                                               test_files::exif_block(6));
  NodeRunner node("decode");
  const auto out = node.in("bytes", Bytes{file}).run();
  const ImageInfo& info = out.get<ImageInfo>("info");
  EXPECT_EQ(info.width, 48);
  EXPECT_EQ(info.height, 32);
  EXPECT_EQ(info.format, "png");
  EXPECT_EQ(info.orientation, 6);
  EXPECT_EQ(info.bytes, static_cast<std::int64_t>(file.size()));
  EXPECT_EQ(info.sha256.size(), 64u);
  EXPECT_EQ(cv::norm(out.get<Image>("image").pixels, picture, cv::NORM_INF), 0);
}

TEST(Decode, TheHashIsTheSha256OfTheBytes) {
  // A PNG of one black pixel, kept as bytes so that the digest can be checked with any other tool.
  const std::vector<std::uint8_t> file = {
      0x89, 'P',  'N',  'G',  0x0D, 0x0A, 0x1A, 0x0A, 0,    0,    0,    13,   'I',  'H',  'D',  'R',  0,
      0,    0,    1,    0,    0,    0,    1,    8,    0,    0,    0,    0,    0x3A, 0x7E, 0x9B, 0x55, 0x00,
      0x00, 0x00, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01,
      0x48, 0xAF, 0xA4, 0x71, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};
  NodeRunner node("decode");
  EXPECT_EQ(node.in("bytes", Bytes{file}).run().get<ImageInfo>("info").sha256,
            "eaa4a94ea300e0d2c775968cbe42f0b5b51ceafdeb73d64e9efddf6d4e880865");
}

TEST(Decode, OrientationCanBeLeftAlone) {
  const auto file =
      test_files::with_jpeg_exif(codec::encode_jpeg(test_files::quadrants(32, 48), 90), test_files::exif_block(8));
  NodeRunner node("decode");
  const auto out = node.set("exif", false).in("bytes", Bytes{file}).run();
  EXPECT_EQ(out.get<ImageInfo>("info").width, 32);
  EXPECT_EQ(out.get<ImageInfo>("info").orientation, 1);
}

TEST(Decode, TheLimitIsAParameter) {
  NodeRunner node("decode");
  node.set("max_pixels", std::int64_t{99}).in("bytes", Bytes{codec::encode_png(test_files::quadrants(10, 10))});
  try {
    node.run();
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "too_large");
  }
}

TEST(Decode, ADamagedFileIsAnErrorOfItsItem) {
  NodeRunner node("decode");
  EXPECT_THROW(node.in("bytes", Bytes{{'n', 'o'}}).run(), Error);
}

}  // namespace
