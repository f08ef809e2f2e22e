#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "codec.hpp"
#include "dfpipe/error.hpp"
#include "test_files.hpp"

namespace {

using namespace dfpipe;
using test_files::File;
using test_files::without_scan;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The error's code, or the warnings.
struct Outcome {
  std::string code = "ok";
  std::vector<std::string> warnings;
};

Outcome outcome(const File& file) {
  try {
    return {.warnings = codec::decode(file, 1'000'000).warnings};
  } catch (const Error& e) {
    return {.code = e.code()};
  }
}

const cv::Mat picture = test_files::textured(67, 45);

TEST(JpegScans, AWholeFileOfManyScansHasNoWarnings) {
  for (const File& file : {test_files::progressive_jpeg(picture), test_files::jpeg_of_many_scans(picture, true),
                           test_files::jpeg_of_many_scans(picture, false)}) {
    EXPECT_EQ(outcome(file).code, "ok");
    EXPECT_THAT(outcome(file).warnings, IsEmpty());
  }
}

TEST(JpegScans, ABaselineFileWithoutAComponentIsTruncated) {
  const File whole = test_files::jpeg_of_many_scans(picture, false);
  ASSERT_EQ(test_files::scans(whole), 3u);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(outcome(without_scan(whole, c)).code, "truncated") << c;
}

TEST(JpegScans, AProgressiveFileWithoutAComponentIsTruncated) {
  const File whole = test_files::jpeg_of_many_scans(picture, true);
  ASSERT_EQ(test_files::scans(whole), 6u);
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_EQ(outcome(without_scan(without_scan(whole, c + 3), c)).code, "truncated") << c;
}

TEST(JpegScans, MissingDetailIsAWarning) {
  const File many = test_files::jpeg_of_many_scans(picture, true), usual = test_files::progressive_jpeg(picture);
  for (const File& file : {without_scan(many, 3), without_scan(many, 5), without_scan(usual, 9)}) {
    EXPECT_EQ(outcome(file).code, "ok");
    EXPECT_THAT(outcome(file).warnings, Contains(HasSubstr("scans are missing")));
  }
}

TEST(JpegScans, ThousandsOfScansKeepNobodyBusy) {
  File file = test_files::jpeg_of_many_scans(picture, false);
  const File once = file, without = without_scan(file, 2);
  const auto scan = once.begin() + static_cast<std::ptrdiff_t>(without.size() - 2);  // the last, before the end mark
  const File last(scan, once.end() - 2);
  file.resize(file.size() - 2);
  for (int i = 0; i < 3000; ++i) file.insert(file.end(), last.begin(), last.end());
  file.insert(file.end(), {0xFF, 0xD9});
  EXPECT_EQ(outcome(file).code, "corrupt");
}

}  // namespace
