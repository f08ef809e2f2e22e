#include "codec.hpp"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <random>

#include "dfpipe/error.hpp"
#include "png_writer.hpp"
#include "test_files.hpp"

namespace {

using namespace dfpipe;
using test_files::File;

constexpr std::int64_t many = 100'000'000;

/// The error's code, or "ok".
std::string outcome(const File& file, std::int64_t max_pixels = many) {
  try {
    codec::decode(file, max_pixels);
    return "ok";
  } catch (const Error& e) {
    EXPECT_STRNE(e.what(), "");
    return e.code();
  }
}

double largest_difference(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.type() != b.type()) return 1e9;
  return cv::norm(a, b, cv::NORM_INF);
}

cv::Mat upright(const File& file) {
  const codec::Decoded d = codec::decode(file, many);
  return codec::upright(d.pixels, d.orientation);
}

File pieces(const cv::Mat& rgb) { return codec::encode_png(rgb); }

struct Sample {
  std::string name;
  File file;
};

std::vector<Sample> samples() {
  const cv::Mat picture = test_files::textured(67, 45);
  return {{"jpeg", codec::encode_jpeg(picture, 90)},
          {"progressive", test_files::progressive_jpeg(picture)},
          {"png", pieces(picture)},
          {"webp_lossy", test_files::webp(picture, false)},
          {"webp_lossless", test_files::webp(picture, true)},
          {"webp_animated", test_files::animated_webp({picture, test_files::textured(67, 45, 2)})}};
}

TEST(Codec, LosslessFormatsGiveBackEveryPixel) {
  const cv::Mat picture = test_files::textured(67, 45);
  EXPECT_EQ(largest_difference(upright(codec::encode_png(picture)), picture), 0);
  EXPECT_EQ(largest_difference(upright(test_files::webp(picture, true)), picture), 0);
}

TEST(Codec, LossyFormatsComeClose) {
  const cv::Mat picture = test_files::quadrants(64, 48);
  EXPECT_LE(cv::norm(upright(codec::encode_jpeg(picture, 95)), picture, cv::NORM_L1) / (64 * 48 * 3), 4);
  EXPECT_LE(cv::norm(upright(test_files::progressive_jpeg(picture)), picture, cv::NORM_L1) / (64 * 48 * 3), 4);
  EXPECT_LE(cv::norm(upright(test_files::webp(picture, false)), picture, cv::NORM_L1) / (64 * 48 * 3), 4);
}

TEST(Codec, FormatIsToldByContents) {
  EXPECT_EQ(codec::decode(codec::encode_jpeg(test_files::quadrants(8, 8), 90), many).format, codec::Format::jpeg);
  EXPECT_EQ(codec::decode(pieces(test_files::quadrants(8, 8)), many).format, codec::Format::png);
  EXPECT_EQ(codec::decode(test_files::webp(test_files::quadrants(8, 8), true), many).format, codec::Format::webp);
}

TEST(Codec, RefusesWhatIsNoPictureByItsFirstBytes) {
  const auto text = [](std::string s) { return outcome(File(s.begin(), s.end())); };
  using namespace std::string_literals;
  EXPECT_EQ(outcome({}), "empty_file");
  EXPECT_EQ(text("<!DOCTYPE html><p>404"), "not_an_image");
  EXPECT_EQ(text("BMW is a maker of cars, and this is no bitmap"), "not_an_image");
  EXPECT_EQ(text("%PDF-1.7"), "not_an_image");
  EXPECT_EQ(text(std::string(1000, '\0')), "not_an_image");
  EXPECT_EQ(text("\x89PN"), "not_an_image");
  EXPECT_EQ(text("GIF89a\1\0\1\0"s), "unsupported");
  EXPECT_EQ(text("II*\0\x08\0\0\0"s), "unsupported");
  EXPECT_EQ(text("P6\n2 2\n255\n"), "unsupported");
  EXPECT_EQ(text("<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>"), "unsupported");
  EXPECT_EQ(text("\0\0\0 ftypavif\0\0\0\0"s), "unsupported");
  EXPECT_EQ(text("\0\0\0\x18"
                 "ftypheic\0\0\0\0"s),
            "unsupported");
  EXPECT_EQ(text("\xFF\xD8"), "truncated");
  EXPECT_EQ(text("\x89PNG\r\n\x1A"), "truncated");
  EXPECT_EQ(text("RIFF\x10\0\0\0WE"s), "truncated");
}

TEST(Codec, ACutFileIsNeverAPicture) {
  for (const Sample& sample : samples())
    for (std::size_t sixteenth = 1; sixteenth < 16; ++sixteenth) {
      const File cut(sample.file.begin(),
                     sample.file.begin() + static_cast<std::ptrdiff_t>(sample.file.size() * sixteenth / 16));
      EXPECT_EQ(outcome(cut), "truncated") << sample.name << " cut at " << sixteenth << "/16";
    }
}

TEST(Codec, AFileWithoutItsLastBytesIsCut) {
  for (const Sample& sample : samples()) {
    const File cut(sample.file.begin(), sample.file.end() - 2);
    EXPECT_EQ(outcome(cut), "truncated") << sample.name;
  }
}

TEST(Codec, AppliesEachOrientationInEachFormat) {
  const cv::Mat picture = test_files::quadrants(48, 32);
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (bool big_endian : {false, true}) {
      const cv::Mat stored = test_files::stored_for(picture, orientation);
      const File exif = test_files::exif_block(orientation, big_endian);
      const File jpeg = test_files::with_jpeg_exif(codec::encode_jpeg(stored, 95), exif);
      const File png = test_files::with_png_chunk(pieces(stored), "eXIf", exif);
      const File webp = test_files::with_webp_exif(test_files::webp(stored, true), exif);
      EXPECT_EQ(codec::decode(jpeg, many).orientation, orientation);
      EXPECT_EQ(upright(jpeg).size(), picture.size());
      EXPECT_LE(cv::norm(upright(jpeg), picture, cv::NORM_L1) / (48 * 32 * 3), 5) << orientation;
      EXPECT_EQ(largest_difference(upright(png), picture), 0) << orientation;
      EXPECT_EQ(largest_difference(upright(webp), picture), 0) << orientation;
    }
}

TEST(Codec, ADamagedExifBlockCountsAsNone) {
  const File whole = test_files::exif_block(6);
  EXPECT_EQ(codec::exif_orientation(whole), 6);
  for (std::size_t size = 0; size < 22; ++size) EXPECT_EQ(codec::exif_orientation({whole.data(), size}), 1) << size;
  for (std::uint8_t value : {0, 9, 255}) EXPECT_EQ(codec::exif_orientation(test_files::exif_block(value)), 1);
  File far = whole;
  far[4] = far[5] = far[6] = far[7] = 0xFF;  // the directory lies outside
  EXPECT_EQ(codec::exif_orientation(far), 1);
  File endless = whole;
  endless[8] = endless[9] = 0xFF;  // 65535 entries
  endless[10] = 0;
  EXPECT_EQ(codec::exif_orientation(endless), 1);
}

TEST(Codec, RefusesTooManyPixelsFromTheHeaderAlone) {
  File png = pieces(test_files::quadrants(16, 16));
  for (int i = 16; i < 24; ++i) png[static_cast<std::size_t>(i)] = i % 4 == 0 ? 0x7F : 0xFF;
  EXPECT_EQ(outcome(png), "too_large");

  File jpeg = codec::encode_jpeg(test_files::quadrants(16, 16), 90);
  for (std::size_t i = 2; i + 8 < jpeg.size(); ++i)
    if (jpeg[i] == 0xFF && jpeg[i + 1] == 0xC0) {
      jpeg[i + 5] = jpeg[i + 7] = 0xFF;
      jpeg[i + 6] = jpeg[i + 8] = 0xDC;
      break;
    }
  EXPECT_EQ(outcome(jpeg), "too_large");

  // VP8L: 14 bits each of width and height, minus one, behind the signature byte.
  File webp = test_files::webp(test_files::quadrants(16, 16), true);
  for (std::size_t i = 21; i < 24; ++i) webp[i] = 0xFF;
  webp[24] |= 0x0F;
  EXPECT_EQ(outcome(webp), "too_large");
}

TEST(Codec, TheLimitItselfIsAllowed) {
  for (const Sample& sample : samples()) {
    EXPECT_EQ(outcome(sample.file, 67 * 45), "ok") << sample.name;
    EXPECT_EQ(outcome(sample.file, 67 * 45 - 1), "too_large") << sample.name;
  }
}

TEST(Codec, AChangedByteInPixelDataOfAPngIsDamage) {
  const File whole = pieces(test_files::textured(40, 30));
  std::size_t idat = 0;
  while (std::string(whole.begin() + static_cast<std::ptrdiff_t>(idat),
                     whole.begin() + static_cast<std::ptrdiff_t>(idat + 4)) != "IDAT")
    ++idat;
  for (std::size_t at = idat + 4; at < whole.size() - 16; at += 97) {
    File changed = whole;
    changed[at] ^= 0x10;
    EXPECT_EQ(outcome(changed), "corrupt") << "byte " << at;
  }
}

TEST(Codec, GreyBecomesThreeEqualChannels) {
  const cv::Mat grey(20, 30, CV_8UC1, cv::Scalar(77));
  EXPECT_LE(largest_difference(upright(test_files::grey_jpeg(grey)), cv::Mat(20, 30, CV_8UC3, cv::Scalar::all(77))), 1);
}

TEST(Codec, InkIsInvertedOnlyWithAdobesMarker) {
  // 40, 120, 200 of light in R, G, B and no black: as Adobe stores it, and as plain ink.
  const cv::Mat light(16, 16, CV_8UC4, cv::Scalar(40, 120, 200, 255)),
      ink(16, 16, CV_8UC4, cv::Scalar(215, 135, 55, 0));
  const cv::Mat rgb(16, 16, CV_8UC3, cv::Scalar(40, 120, 200));
  EXPECT_LE(largest_difference(upright(test_files::cmyk_jpeg(light, true)), rgb), 4);
  EXPECT_LE(largest_difference(upright(test_files::cmyk_jpeg(ink, false)), rgb), 4);
}

TEST(Codec, PngOfFewBitsPaletteAndTransparency) {
  const cv::Mat one = upright(test_files::png(8, 1, {.color_type = 0, .bit_depth = 1}, {{0x0F}}));
  EXPECT_EQ(cv::countNonZero(one.reshape(1)), 12);
  EXPECT_EQ(one.at<cv::Vec3b>(0, 7), cv::Vec3b(255, 255, 255));
  const cv::Mat two = upright(test_files::png(4, 1, {.color_type = 0, .bit_depth = 2}, {{0x1B}}));
  for (int x = 0; x < 4; ++x) EXPECT_EQ(two.at<cv::Vec3b>(0, x)[0], 85 * x);
  const cv::Mat four = upright(test_files::png(2, 1, {.color_type = 0, .bit_depth = 4}, {{0x1F}}));
  EXPECT_EQ(four.at<cv::Vec3b>(0, 0)[0], 17);
  const File palette{10, 20, 30, 40, 50, 60};
  const cv::Mat indexed = upright(test_files::png(2, 1, {.color_type = 3}, {{1, 0}}, palette, {0, 128}));
  EXPECT_EQ(indexed.at<cv::Vec3b>(0, 0), cv::Vec3b(40, 50, 60));
  EXPECT_EQ(indexed.at<cv::Vec3b>(0, 1), cv::Vec3b(10, 20, 30)) << "transparent colours keep their colour";
}

TEST(Codec, AlphaIsDroppedNotBlended) {
  const cv::Mat png = upright(test_files::png(2, 1, {.color_type = 6}, {{1, 2, 3, 0, 200, 100, 50, 128}}));
  EXPECT_EQ(png.at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
  EXPECT_EQ(png.at<cv::Vec3b>(0, 1), cv::Vec3b(200, 100, 50));
  const cv::Mat rgba(4, 4, CV_8UC4, cv::Scalar(9, 8, 7, 0));
  EXPECT_EQ(largest_difference(upright(test_files::webp_rgba(rgba)), cv::Mat(4, 4, CV_8UC3, cv::Scalar(9, 8, 7))), 0);
}

TEST(Codec, SixteenBitsKeepTheUpperEight) {
  const cv::Mat rgb =
      upright(test_files::png(1, 1, {.color_type = 2, .bit_depth = 16}, {{0x12, 0xFF, 0x80, 0x00, 0xFE, 0xFF}}));
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 0), cv::Vec3b(0x12, 0x80, 0xFE));
  const cv::Mat grey = upright(test_files::png(1, 1, {.color_type = 4, .bit_depth = 16}, {{0x34, 0xFF, 0x00, 0x00}}));
  EXPECT_EQ(grey.at<cv::Vec3b>(0, 0), cv::Vec3b(0x34, 0x34, 0x34));
}

TEST(Codec, AnInterlacedPngEqualsAPlainOne) {
  const cv::Mat picture = test_files::textured(33, 21);
  std::vector<File> rows;
  for (int y = 0; y < picture.rows; ++y) rows.emplace_back(picture.ptr(y), picture.ptr(y) + 3 * picture.cols);
  EXPECT_EQ(largest_difference(upright(test_files::png(33, 21, {.interlaced = true}, rows)), picture), 0);
}

TEST(Codec, OfAnAnimationTheFirstFrameIsTaken) {
  const cv::Mat first = test_files::quadrants(40, 30), second(30, 40, CV_8UC3, cv::Scalar(0, 0, 0));
  EXPECT_EQ(largest_difference(upright(test_files::animated_webp({first, second})), first), 0);
}

TEST(Codec, BytesBehindTheEndAreIgnored) {
  for (Sample sample : samples()) {
    if (sample.name.starts_with("webp")) continue;
    sample.file.resize(sample.file.size() + 5000, 0x5A);
    EXPECT_EQ(outcome(sample.file), "ok") << sample.name;
  }
}

TEST(Codec, TwoThousandMutatedFilesNeverCrash) {
  std::mt19937 random(20240607);
  const std::vector<Sample> all = samples();
  int errors = 0;
  for (int round = 0; round < 2000; ++round) {
    File file = all[static_cast<std::size_t>(round) % all.size()].file;
    for (unsigned n = 1 + random() % 8; n > 0; --n) {
      const std::size_t at = random() % file.size();
      switch (random() % 4) {
        case 0:
          file[at] = static_cast<std::uint8_t>(random());
          break;
        case 1:
          file[at] ^= static_cast<std::uint8_t>(1u << (random() % 8));
          break;
        case 2:
          file.erase(file.begin() + static_cast<std::ptrdiff_t>(at),
                     file.begin() + static_cast<std::ptrdiff_t>(std::min(file.size(), at + random() % 20)));
          break;
        default:
          file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), random() % 20,
                      static_cast<std::uint8_t>(random()));
      }
      if (file.empty()) break;
    }
    errors += outcome(file, 1'000'000) != "ok";
  }
  EXPECT_GT(errors, 500) << "most changes must be noticed";
}

}  // namespace
