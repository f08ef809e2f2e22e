#include <gmock/gmock.h>
#include <openssl/sha.h>

#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "operations.hpp"

namespace dfpipe::augment {
namespace {

/// What Albumentations 1.3.1 and 2.0.8 and the original training's own steps made of drawn parameters.
const std::string folder = "tests/data/augment/";

Json golden_cases() {
  std::ifstream in(folder + "cases.json");
  return Json::parse(in).at("cases");
}

cv::Mat read_rgb(const std::string& file) {
  cv::Mat picture = cv::imread(folder + file, cv::IMREAD_COLOR);
  if (picture.empty()) throw std::runtime_error(folder + file + " is not there: run in the project's root");
  cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  return picture;
}

std::string sha256(const cv::Mat& picture) {
  const cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(whole.data, whole.total() * whole.elemSize(), digest);
  std::string text;
  for (const unsigned char byte : digest) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    text += two;
  }
  return text;
}

cv::Mat run(const Json& one, Rules rules) {
  cv::Mat picture = read_rgb(one.at("input"));
  const cv::Mat before = picture.clone();
  cv::Mat result = picture;
  if (one.at("transform") == "Pipeline")
    for (const Json& step : one.at("params").at("steps"))
      result = apply(step.at("transform").get<std::string>(), result, step.at("params"), rules);
  else
    result = apply(one.at("transform").get<std::string>(), picture, one.at("params"), rules);
  EXPECT_EQ(cv::norm(picture, before, cv::NORM_INF), 0) << "the given picture was changed";
  return result;
}

TEST(Augmentation, GivesTheLibrariesPixelsForTheSameParameters) {
  int compared = 0;
  for (const Json& one : golden_cases())
    for (const Json& dialect : one.at("dialects")) {
      SCOPED_TRACE(one.at("id").get<std::string>() + " " + dialect.get<std::string>());
      const cv::Mat result = run(one, dialect == "alb20" ? Rules::v2 : Rules::v1);
      ++compared;
      if (!one.contains("expected")) {
        EXPECT_EQ(sha256(result), one.at("rgb_sha256").get<std::string>());
        continue;
      }
      // Steps whose last digit depends on the processor.
      const cv::Mat expected = read_rgb(one.at("expected"));
      ASSERT_EQ(result.size(), expected.size());
      EXPECT_LE(cv::norm(result, expected, cv::NORM_INF), one.at("max_abs").get<double>());
      EXPECT_LE(cv::norm(result, expected, cv::NORM_L1) / static_cast<double>(3 * expected.total()),
                one.at("mean_abs").get<double>());
    }
  EXPECT_GT(compared, 100);
}

TEST(Augmentation, TrueColoursAreThoseOfAnOrdinaryJpegFile) {
  const cv::Mat picture = read_rgb("in/p0.png");
  cv::Mat bgr, expected;
  cv::cvtColor(picture, bgr, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> file;
  cv::imencode(".jpg", bgr, file, {cv::IMWRITE_JPEG_QUALITY, 60});
  cv::cvtColor(cv::imdecode(file, cv::IMREAD_COLOR), expected, cv::COLOR_BGR2RGB);
  const auto through = [&](const char* channels) {
    const Json drawn{{"quality", 60}, {"image_type", ".jpg"}, {"channels", channels}};
    return apply("ImageCompression", picture, drawn, Rules::v1);
  };
  EXPECT_EQ(cv::norm(through("true"), expected, cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(through("swapped"), expected, cv::NORM_INF), 0);
}

TEST(Augmentation, NoiseHasTheStrengthThatWasDrawnAndIsReplayedFromItsSeed) {
  const cv::Mat grey(200, 300, CV_8UC3, cv::Scalar::all(128));
  const auto noisy = [&](double sigma, bool each, std::uint64_t seed) {
    return apply("GaussianNoise", grey, {{"sigma", sigma}, {"per_channel", each}, {"seed", seed}}, Rules::v1);
  };
  cv::Scalar mean, deviation;
  cv::meanStdDev(noisy(0.05, true, 7), mean, deviation);
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(mean[c], 128, 0.3);
    EXPECT_NEAR(deviation[c], 0.05 * 255, 0.2);
  }
  EXPECT_EQ(cv::norm(noisy(0.05, true, 7), noisy(0.05, true, 7), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(noisy(0.05, true, 7), noisy(0.05, true, 8), cv::NORM_INF), 0);
  std::vector<cv::Mat> channels;
  cv::split(noisy(0.05, false, 7), channels);
  EXPECT_EQ(cv::norm(channels[0], channels[2], cv::NORM_INF), 0) << "grey noise is the same in all colours";
}

TEST(Augmentation, IsoNoiseChangesLightnessAndHueWithItsIntensity) {
  const cv::Mat picture = read_rgb("in/p1.png");
  const auto change = [&](double intensity) {
    const Json drawn{{"color_shift", 0.03}, {"intensity", intensity}, {"seed", 3}};
    return cv::norm(apply("ISONoise", picture, drawn, Rules::v1), picture, cv::NORM_L1);
  };
  EXPECT_GT(change(0.1), 0);
  EXPECT_GT(change(0.5), change(0.1));
}

TEST(Augmentation, CutOutCoversItsBoxesAndNothingElse) {
  const cv::Mat picture = read_rgb("in/p1.png");
  const Json drawn{{"boxes", {{0.25, 0.5, 0.5, 0.25}}}, {"fill", {1, 2, 3}}};
  const cv::Mat out = apply("CutOut", picture, drawn, Rules::v1);
  const cv::Rect box(picture.cols / 4, picture.rows / 2, picture.cols / 2, (picture.rows + 3) / 4);
  EXPECT_EQ(out.at<cv::Vec3b>(box.y, box.x), cv::Vec3b(1, 2, 3));
  EXPECT_EQ(out.at<cv::Vec3b>(box.br().y - 1, box.br().x - 1), cv::Vec3b(1, 2, 3));
  cv::Mat difference = out != picture;
  difference(box).setTo(0);
  EXPECT_EQ(cv::countNonZero(difference.reshape(1)), 0);
}

TEST(Augmentation, AResizeChainEndsInThePicturesSize) {
  const cv::Mat picture = read_rgb("in/p2.png");
  const Json drawn{
      {"steps", {{{"scale", 0.6}, {"interpolation", "area"}}, {{"scale", 1.3}, {"interpolation", "lanczos"}}}},
      {"last", "cubic"}};
  const cv::Mat out = apply("ResizeChain", picture, drawn, Rules::v1);
  EXPECT_EQ(out.size(), picture.size());
  EXPECT_GT(cv::norm(out, picture, cv::NORM_L1), 0);
}

}  // namespace
}  // namespace dfpipe::augment
