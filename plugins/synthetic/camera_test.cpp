#include "camera.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace dfpipe::synthetic {
namespace {

const cv::Mat grey(128, 128, CV_32FC3, cv::Scalar::all(0.2));

/// Standard deviation of green in a picture of an even grey wall, in steps of 256.
double noise(const Exposure& exposure) {
  Random random(1);
  cv::Mat green, mean, deviation;
  cv::extractChannel(develop(random, grey, exposure), green, 1);
  cv::meanStdDev(green, mean, deviation);
  return deviation.at<double>(0);
}

/// Mean over many settings.
double mean_noise(const std::string& name) {
  Random random(2);
  double sum = 0;
  for (int i = 0; i < 20; ++i) {
    Exposure e = random_exposure(random, camera(name));
    e.vignetting = 0;  // it would count as noise
    sum += noise(e);
  }
  return sum / 20;
}

TEST(Camera, NoiseHasTheVarianceOfItsFormula) {
  // sigma^2 = shot * light + read^2 in linear light; gamma multiplies it by d(x^(1/2.2))/dx.
  const Exposure e{.shot = 0.0004, .read = 0.003};
  const double slope = std::pow(0.2, 1 / 2.2 - 1) / 2.2;
  EXPECT_NEAR(noise(e), 255 * slope * std::sqrt(0.0004 * 0.2 + 0.003 * 0.003), 0.15);
}

TEST(Camera, TheTwoCamerasDiffer) {
  EXPECT_GT(mean_noise("b"), 1.5 * mean_noise("a"));
  EXPECT_LT(camera("b").quality_low, camera("a").quality_low);
}

TEST(Camera, InterpolationTiesNeighboursTogetherAndAPlainSensorDoesNot) {
  const auto neighbours = [](const Exposure& e) {
    Random random(3);
    cv::Mat red;
    cv::extractChannel(develop(random, grey, e), red, 0);
    red.convertTo(red, CV_64F);
    red -= cv::mean(red);
    return red.colRange(1, 128).dot(red.colRange(0, 127)) / red.dot(red);
  };
  Exposure e{.shot = 0.002, .read = 0.003};
  EXPECT_NEAR(neighbours(e), 0, 0.03);
  e.mosaic = true;
  EXPECT_GT(neighbours(e), 0.3) << "three of four red values are means of red neighbours";
}

TEST(Camera, EveryPhaseOfTheMosaicKeepsColours) {
  const cv::Mat orange(64, 64, CV_32FC3, cv::Scalar(0.5, 0.25, 0.1));
  for (int phase = 0; phase < 4; ++phase)
    for (const bool edge_aware : {false, true}) {
      Exposure e{.mosaic = true, .edge_aware = edge_aware, .phase = phase};
      Random random(4);
      const cv::Scalar mean = cv::mean(develop(random, orange, e));
      for (int c = 0; c < 3; ++c)
        EXPECT_NEAR(mean[c], 255 * std::pow(std::array{0.5, 0.25, 0.1}[static_cast<std::size_t>(c)], 1 / 2.2), 1)
            << "phase " << phase << " channel " << c;
    }
}

TEST(Camera, AnUnknownOneIsNamedWithThoseThereAre) {
  try {
    camera("c");
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "there is no camera 'c' (plain, a, b)");
  }
}

}  // namespace
}  // namespace dfpipe::synthetic
