#include <gmock/gmock.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "degrading.hpp"
#include "dfpipe/types/face.hpp"
#include "operations/operations.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::augment {
namespace {

using dfpipe::testing::NodeRunner;
using ::testing::HasSubstr;
using Kind = Degradation::Kind;

/// Smooth with some noise, wider than high.
cv::Mat picture(int width = 90, int height = 70) {
  cv::Mat out(height, width, CV_8UC3);
  cv::RNG random(5);
  random.fill(out, cv::RNG::UNIFORM, 0, 255);
  cv::GaussianBlur(out, out, {}, 2);
  return out;
}

Face face(const cv::Mat& crop) {
  Face out;
  out.detector = "dlib";
  out.box = {1, 2, 3, 4};
  out.crop = {crop};
  return out;
}

double distance(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_L2) / std::sqrt(a.total() * 3.0); }

std::vector<Degradation> listed(NodeRunner& node) {
  const auto list = node.in("face", face(picture())).run().get<List<Degradation>>("settings");
  std::vector<Degradation> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.push_back(list.at(i));
  return out;
}

TEST(Degradations, AreNothingFirstThenEveryKindAtEveryStrength) {
  NodeRunner node("degradations");
  const auto all = listed(node);
  EXPECT_EQ(all.size(), 1u + 6 + 6 + 3 * 6 + 5);
  EXPECT_EQ(all.front(), Degradation{});
  EXPECT_EQ(all[1], (Degradation{Kind::jpeg, 100, ""}));
  EXPECT_EQ(all[13], (Degradation{Kind::resize, 224, "nearest"}));
  EXPECT_EQ(all.back(), (Degradation{Kind::noise, 0.2, ""}));
}

TEST(Degradations, EmptyListsAndStrengthsThatDoNothingLeaveAKindOut) {
  NodeRunner node("degradations");
  node.set("jpeg", std::vector<double>{})
      .set("filters", std::vector<std::string>{})
      .set("blur", std::vector<double>{0});
  node.set("noise", std::vector<double>{0, 0.5, 0.5});
  EXPECT_THAT(listed(node), ::testing::ElementsAre(Degradation{}, Degradation{Kind::noise, 0.5, ""}));
}

TEST(Degradations, WhatCannotBeDoneIsRefusedBeforeTheRun) {
  const auto refusal = [](NodeRunner& node) -> std::string {
    try {
      node.open();
    } catch (const std::exception& e) {
      return e.what();
    }
    return "";
  };
  NodeRunner filter("degradations"), quality("degradations");
  filter.set("filters", std::vector<std::string>{"box"});
  EXPECT_THAT(refusal(filter), HasSubstr("'box' is none (nearest, linear, cubic, area, lanczos, pillow-bicubic)"));
  quality.set("jpeg", std::vector<double>{80.5});
  EXPECT_THAT(refusal(quality), HasSubstr("jpeg: 80.5"));
  EXPECT_THROW(NodeRunner("degradations").set("noise", std::vector<double>{2}), std::invalid_argument);
}

TEST(Degrade, KeepsTheSizeAndTheFaceAndNeverTheGivenPixels) {
  NodeRunner list("degradations");
  const cv::Mat given = picture();
  const cv::Mat kept = given.clone();
  for (const Degradation& one : listed(list)) {
    NodeRunner node("degrade");
    const Face out = node.in("face", face(given)).in("setting", one).run().get<Face>("face");
    EXPECT_EQ(out.crop.pixels.size(), given.size());
    EXPECT_EQ(out.detector, "dlib");
    EXPECT_EQ(out.box, face(given).box);
    EXPECT_EQ(distance(out.crop.pixels, given) == 0, one.kind == Kind::none) << one.strength << one.filter;
  }
  EXPECT_EQ(cv::norm(given, kept, cv::NORM_INF), 0);
}

TEST(Degrade, StrongerIsFartherFromThePicture) {
  const cv::Mat given = picture();
  const auto far = [&](Kind kind, double strength, const std::string& filter = "") {
    NodeRunner node("degrade");
    node.in("face", face(given)).in("setting", Degradation{kind, strength, filter});
    return distance(node.run().get<Face>("face").crop.pixels, given);
  };
  EXPECT_LT(far(Kind::jpeg, 90), far(Kind::jpeg, 30));
  EXPECT_LT(far(Kind::jpeg, 30), far(Kind::jpeg, 5));
  EXPECT_LT(far(Kind::blur, 0.5), far(Kind::blur, 2));
  for (const std::string& filter : resize_filters())
    EXPECT_LT(far(Kind::resize, 60, filter), far(Kind::resize, 20, filter)) << filter;
  EXPECT_NEAR(far(Kind::noise, 0.05), 0.05 * 255, 0.8) << "a standard deviation, apart from what is cut off";
}

TEST(Degrade, IsTheAugmentationsOwnArithmetic) {
  const cv::Mat given = picture();
  Random random(1);
  const auto same = [&](const Degradation& one, const char* name, const Json& drawn) {
    return cv::norm(degraded(given, one, random), apply(name, given, drawn, Rules::v1), cv::NORM_INF) == 0;
  };
  EXPECT_TRUE(
      same({Kind::jpeg, 40, ""}, "ImageCompression", {{"quality", 40}, {"image_type", ".jpg"}, {"channels", "true"}}));
  EXPECT_TRUE(same({Kind::blur, 1.5, ""}, "GaussianBlur", {{"ksize", 0}, {"sigma", 1.5}}));
  // 35 of 70 and 45 of 90: a chain of one step by one half.
  EXPECT_TRUE(same({Kind::resize, 35, "area"}, "ResizeChain",
                   {{"steps", {{{"scale", 0.5}, {"interpolation", "area"}}}}, {"last", "area"}}));
}

TEST(Degrade, NoiseDependsOnSeedAndItemOnly) {
  NodeRunner node("degrade");
  node.in("face", face(picture())).in("setting", Degradation{Kind::noise, 0.1, ""}).seed(3).index(7);
  const cv::Mat first = node.run().get<Face>("face").crop.pixels;
  EXPECT_EQ(distance(first, node.index(8).index(7).run().get<Face>("face").crop.pixels), 0);
  EXPECT_GT(distance(first, node.index(8).run().get<Face>("face").crop.pixels), 0);
  EXPECT_GT(distance(first, node.index(7).seed(4).run().get<Face>("face").crop.pixels), 0);
}

TEST(Degrade, TinyCropsAreEnlargedAndBroughtBack) {
  NodeRunner node("degrade");
  for (const std::string& filter : resize_filters()) {
    node.in("face", face(picture(5, 3))).in("setting", Degradation{Kind::resize, 224, filter});
    EXPECT_EQ(node.run().get<Face>("face").crop.pixels.size(), cv::Size(5, 3));
  }
}

TEST(Degrade, AFaceWithoutPixelsIsTheItemsError) {
  NodeRunner node("degrade");
  node.in("face", face({})).in("setting", Degradation{});
  EXPECT_THROW(node.run(), Error);
}

}  // namespace
}  // namespace dfpipe::augment
