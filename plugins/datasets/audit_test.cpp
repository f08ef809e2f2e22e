#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "codec.hpp"
#include "duplicates.hpp"
#include "file_facts.hpp"
#include "leaks.hpp"
#include "perceptual_hash.hpp"

namespace dfpipe::datasets {
namespace {

cv::Mat drawn(int seed, int side = 128) {
  cv::Mat picture(side, side, CV_8UC3, cv::Scalar::all(30));
  cv::RNG random(static_cast<std::uint64_t>(seed) + 1);
  for (int i = 0; i < 12; ++i)
    cv::circle(picture, {random.uniform(0, side), random.uniform(0, side)}, random.uniform(side / 16, side / 4),
               cv::Scalar(random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)), -1);
  return picture;
}

Sample entry(const std::string& split, std::int64_t label, const std::string& hash, const std::string& group = "") {
  return {.label = label, .dataset = "d", .split = split, .group = group, .path = hash, .file = {}, .sha256 = hash};
}

TEST(PerceptualHash, SurvivesScalingAndCompressionAndTellsPicturesApart) {
  for (int i = 0; i < 10; ++i) {
    const cv::Mat picture = drawn(i);
    cv::Mat small;
    cv::resize(picture, small, {96, 96}, 0, 0, cv::INTER_AREA);
    const auto squeezed = codec::decode(codec::encode_jpeg(small, 60), 1 << 20).pixels;
    const std::uint64_t hash = *perceptual_hash(picture);
    EXPECT_LE(std::popcount(hash ^ *perceptual_hash(squeezed)), 4);
    EXPECT_GT(std::popcount(hash ^ *perceptual_hash(drawn(i + 10))), 12);
  }
}

TEST(PerceptualHash, AFlatPictureHasNone) {
  EXPECT_FALSE(perceptual_hash(cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(200))));
}

TEST(PerceptualHash, NearPairsAreThoseOfTheFullComparison) {
  std::vector<std::optional<std::uint64_t>> hashes;
  cv::RNG random(7);
  for (int i = 0; i < 300; ++i) {
    std::uint64_t hash = std::uint64_t{random.next()} << 32 | random.next();
    if (i % 3 != 0) hash = *hashes[static_cast<std::size_t>(i - i % 3)];
    for (int flips = i % 7; flips > 0; --flips) hash ^= std::uint64_t{1} << random.uniform(0, 64);
    hashes.emplace_back(hash);
  }
  for (const int distance : {0, 1, 4, 16}) {
    std::vector<std::pair<std::size_t, std::size_t>> wanted;
    for (std::size_t a = 0; a < hashes.size(); ++a)
      for (std::size_t b = a + 1; b < hashes.size(); ++b)
        if (std::popcount(*hashes[a] ^ *hashes[b]) <= distance) wanted.emplace_back(a, b);
    EXPECT_EQ(near_pairs(hashes, distance), wanted);
  }
}

TEST(Duplicates, AreHarmfulAcrossSplitsAndLabelsOnly) {
  const Entries entries{entry("train", 0, "a"), entry("train", 0, "b"), entry("train", 0, "a"),
                        entry("test", 0, "b"),  entry("train", 1, "c"), entry("train", 0, "c")};
  const auto found = exact_duplicates(entries);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].members, (std::vector<std::size_t>{0, 2}));
  EXPECT_FALSE(found[0].harmful());
  EXPECT_TRUE(found[1].across_splits);
  EXPECT_FALSE(found[1].across_labels);
  EXPECT_TRUE(found[2].across_labels);
}

TEST(Duplicates, NearOnesAreNotTheEqualOnesAgain) {
  const Entries entries{entry("train", 0, "a"), entry("test", 0, "a"), entry("test", 0, "b")};
  const auto found = near_duplicates(entries, {7, 7, 6}, 1);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].members, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(found[0].distance, 1);
  EXPECT_TRUE(found[0].across_splits);
}

TEST(Duplicates, AGroupInTwoSplitsIsFound) {
  const Entries entries{entry("train", 0, "a", "anna"), entry("test", 0, "b", "anna"), entry("test", 0, "c", "bob"),
                        entry("train", 0, "d"), entry("test", 0, "e")};
  const auto found = split_groups(entries);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].group, "anna");
  EXPECT_EQ(found[0].splits, (std::vector<std::string>{"test", "train"}));
}

TEST(Duplicates, WhatOverlapsIsSaidInOneSentenceAndOtherwiseNothing) {
  EXPECT_EQ(
      overlap_text({entry("train", 0, "a", "anna"), entry("train", 0, "a", "anna"), entry("test", 1, "b", "bob")}), "");
  EXPECT_EQ(
      overlap_text({entry("train", 0, "a", "anna"), entry("train", 0, "b", "anna"), entry("validation", 0, "d", "anna"),
                    entry("test", 0, "b"), entry("train", 1, "c"), entry("train", 0, "c")}),
      "1 groups are in more than one split ('anna' of d); 2 files are in two splits or have two labels ('b'): "
      "scores on these data say less than they seem to, see dfpipe data audit");
}

TEST(FileFacts, TheQualityOfEveryTableIsFoundAgain) {
  for (const int quality : {1, 10, 30, 50, 75, 92, 100}) {
    const auto file = codec::encode_jpeg(drawn(1), quality);
    const FileFacts facts = file_facts(file, "jpeg");
    ASSERT_TRUE(facts.jpeg);
    EXPECT_EQ(facts.jpeg->quality, quality);
    EXPECT_FALSE(facts.jpeg->progressive);
    EXPECT_FALSE(facts.exif);
    EXPECT_THAT(facts.jpeg->sampling, ::testing::EndsWith(",1x1,1x1"));
    EXPECT_EQ(facts.jpeg->tables, file_facts(codec::encode_jpeg(drawn(2), quality), "jpeg").jpeg->tables);
    EXPECT_NE(facts.jpeg->tables,
              file_facts(codec::encode_jpeg(drawn(1), quality == 20 ? 21 : 20), "jpeg").jpeg->tables);
  }
}

TEST(FileFacts, ExifIsSeenInEveryFormatAndDamageIsSurvived) {
  auto jpeg = codec::encode_jpeg(drawn(1), 80);
  const std::vector<std::uint8_t> app1{0xFF, 0xE1, 0, 8, 'E', 'x', 'i', 'f', 0, 0};
  jpeg.insert(jpeg.begin() + 2, app1.begin(), app1.end());
  EXPECT_TRUE(file_facts(jpeg, "jpeg").exif);
  const auto bytes = [](std::string_view text) { return std::vector<std::uint8_t>(text.begin(), text.end()); };
  using namespace std::string_view_literals;
  EXPECT_TRUE(file_facts(bytes("\x89PNG\r\n\x1a\n\0\0\0\1aBCDx\0\0\0\0\0\0\0\0eXIf"sv), "png").exif);
  EXPECT_FALSE(file_facts(bytes("\x89PNG\r\n\x1a\n\xff\xff\xff\xff"
                                "aBCDx\0\0\0\0"sv),
                          "png")
                   .exif);
  EXPECT_TRUE(file_facts(bytes("RIFF\0\0\0\0WEBPVP8X\1\0\0\0x\0EXIF\0\0\0\0"sv), "webp").exif);
  for (std::size_t size = 0; size < 700; ++size) file_facts(std::span(jpeg).first(std::min(size, jpeg.size())), "jpeg");
}

TEST(Leaks, TheAreaAndItsChanceRangeAreThoseOfTheFormula) {
  const auto ranks = rank_sum({1, 2, 3}, {2, 4});
  ASSERT_TRUE(ranks);
  EXPECT_DOUBLE_EQ(ranks->auc, (1 + 0.5 + 3) / 6.0);
  EXPECT_DOUBLE_EQ(ranks->deviation, std::sqrt((6 - 6 / 20.0) / 72));
  EXPECT_FALSE(rank_sum({1, 1}, {1}));
  EXPECT_FALSE(rank_sum({}, {1}));
}

std::vector<Picture> pictures(int each, std::int64_t more_bytes_in_fakes) {
  std::vector<Picture> all;
  for (int i = 0; i < 2 * each; ++i) {
    Picture p{.label = i % 2, .dataset = "d", .bytes = 1000 + i * 7919 % 501, .width = 64, .height = 64, .facts = {}};
    p.facts.format = "png";
    if (p.label == 1) p.bytes += more_bytes_in_fakes;
    all.push_back(p);
  }
  return all;
}

TEST(Leaks, AMeasureThatTellsTheLabelIsFoundAndOneThatDoesNotIsNot) {
  const auto quiet = leaks(pictures(50, 0));
  ASSERT_EQ(quiet.size(), 1u) << "what is the same for all pictures is left out";
  EXPECT_EQ(quiet[0].measure, "file size");
  EXPECT_FALSE(quiet[0].found);
  const auto loud = leaks(pictures(50, 400));
  EXPECT_TRUE(loud.at(0).found);
  EXPECT_GT(loud[0].auc, 0.8);
  EXPECT_THAT(loud[0].sentence(), ::testing::HasSubstr("it is larger in fakes"));
}

TEST(Leaks, AFormatThatOnlyOneClassHasIsFound) {
  auto all = pictures(20, 0);
  for (Picture& p : all)
    if (p.label == 0) p.facts.format = "jpeg";
  const auto found = leaks(all);
  const auto format = std::ranges::find(found, "format png", &Leak::measure);
  ASSERT_NE(format, found.end());
  EXPECT_EQ(format->auc, 1);
  EXPECT_TRUE(format->found);
  EXPECT_THAT(format->sentence(), ::testing::HasSubstr("it is more frequent among fakes"));
}

TEST(Leaks, OneClassAloneGivesNone) {
  auto all = pictures(20, 0);
  for (Picture& p : all) p.label = 1;
  EXPECT_TRUE(leaks(all).empty());
}

}  // namespace
}  // namespace dfpipe::datasets
