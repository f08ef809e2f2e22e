#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "codec.hpp"
#include "dfpipe/error.hpp"
#include "testing/assets.hpp"

/// A collection of odd files outside the project, with what a correct program should report for each. The tests' own
/// files (codec_test.cpp) cover the same promises without it.
namespace {

namespace fs = std::filesystem;
using namespace dfpipe;
using Json = nlohmann::json;

fs::path collection() { return dfpipe::testing::assets() / "odd"; }

struct Seen {
  std::string result;
  cv::Mat pixels;
  std::vector<std::string> warnings;
};

Seen look(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<std::uint8_t> data((std::istreambuf_iterator<char>(in)), {});
  try {
    codec::Decoded d = codec::decode(data, 100'000'000);
    return {"ok", codec::upright(d.pixels, d.orientation), std::move(d.warnings)};
  } catch (const Error& e) {
    return {e.code(), {}, {}};
  }
}

/// Mean colour of the patch of a tenth of the size whose corner is at (x, y), as shares of the size.
cv::Scalar patch(const cv::Mat& rgb, double x, double y) {
  const cv::Rect where(static_cast<int>(x * rgb.cols), static_cast<int>(y * rgb.rows), std::max(1, rgb.cols / 10),
                       std::max(1, rgb.rows / 10));
  return cv::mean(rgb(where & cv::Rect(0, 0, rgb.cols, rgb.rows)));
}

double worst_quadrant(const cv::Mat& rgb, const Json& quadrants) {
  constexpr double corners[4][2] = {{0.35, 0.35}, {0.7, 0.2}, {0.2, 0.7}, {0.7, 0.7}};
  double worst = 0;
  for (std::size_t q = 0; q < 4; ++q) {
    const cv::Scalar mean = patch(rgb, corners[q][0], corners[q][1]);
    for (int c = 0; c < 3; ++c)
      worst = std::max(worst, std::abs(mean[c] - quadrants[q][static_cast<std::size_t>(c)].get<double>()));
  }
  return worst;
}

TEST(OddFiles, EachIsReportedAsExpected) {
  if (const std::string why = dfpipe::testing::why_no_asset("odd/expected.json"); !why.empty()) GTEST_SKIP() << why;
  const Json expected = Json::parse(std::ifstream(collection() / "expected.json"));
  int first_choice = 0, total = 0;
  for (const Json& entry : expected.at("files")) {
    const std::string name = entry.at("file");
    SCOPED_TRACE(name);
    const Seen seen = look(collection() / name);
    const std::string wanted = entry.at("result");
    const Json also = entry.value("also_acceptable", Json::array());
    std::string size = "-", colour = "-";
    if (!seen.pixels.empty()) size = std::to_string(seen.pixels.cols) + "x" + std::to_string(seen.pixels.rows);
    if (wanted == "ok" && seen.result == "ok") {
      EXPECT_EQ(Json({seen.pixels.cols, seen.pixels.rows}), entry.at("size"));
      if (entry.contains("quadrants_rgb")) {
        const double worst = worst_quadrant(seen.pixels, entry.at("quadrants_rgb"));
        EXPECT_LE(worst, entry.at("quadrant_tolerance").get<double>());
        colour = std::to_string(worst).substr(0, 5);
      }
    }
    const bool acceptable = seen.result == wanted || std::ranges::find(also, Json(seen.result)) != also.end();
    EXPECT_TRUE(acceptable) << "wanted " << wanted << ", got " << seen.result;
    std::printf("%-44s %-12s %-12s %-12s %s%s\n", name.c_str(), wanted.c_str(), seen.result.c_str(), size.c_str(),
                colour.c_str(), seen.warnings.empty() ? "" : ("  " + seen.warnings[0]).c_str());
    first_choice += seen.result == wanted;
    ++total;
  }
  std::printf("%d files, %d as wanted in the first place\n", total, first_choice);
  EXPECT_GT(total, 50);
}

}  // namespace
