#include <gmock/gmock.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "manipulation.hpp"
#include "scene.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::synthetic {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;
using Texts = std::vector<std::string>;

NodeRunner drawn(std::int64_t count, std::int64_t size = 128) {
  NodeRunner node("synthetic-faces");
  node.set("count", count).set("size", size);
  return node;
}

const cv::Mat& pixels(const Outputs& one) { return one.get<Image>("image").pixels; }
bool equal(const cv::Mat& a, const cv::Mat& b) { return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0; }

/// How many of the faces drawn are found, of how many.
std::pair<std::size_t, std::size_t> found_of(NodeRunner source, std::size_t faces) {
  NodeRunner detector("face-crop");
  std::size_t found = 0, all = 0;
  for (const Outputs& one : source.run_source()) {
    const Outputs cropped = detector.in("image", one.get<Image>("image")).run();
    found += std::min(cropped.get<List<Face>>("faces").size(), faces);
    all += faces;
  }
  return {found, all};
}

TEST(SyntheticFaces, AreFoundByTheDefaultDetector) {
  const auto [found, all] = found_of(std::move(drawn(40, 320).set("seed", std::int64_t{11})), 1);
  EXPECT_EQ(all, 40u);
  EXPECT_GE(found, 38u) << "95 %";
}

TEST(SyntheticFaces, AreFoundInGroupsToo) {
  NodeRunner source = drawn(5, 320);
  source.set("faces_min", std::int64_t{3}).set("faces_max", std::int64_t{3});
  const auto [found, all] = found_of(std::move(source), 3);
  EXPECT_EQ(all, 15u);
  EXPECT_GE(found, 14u);
}

TEST(SyntheticFaces, BackgroundsAreNoFaces) {
  NodeRunner source = drawn(10, 320), detector("face-crop");
  source.set("faces_min", std::int64_t{0}).set("faces_max", std::int64_t{0});
  for (const Outputs& one : source.run_source()) {
    EXPECT_EQ(one.get<std::string>("label"), "real");
    const Outputs cropped = detector.in("image", one.get<Image>("image")).run();
    EXPECT_TRUE(cropped.get<List<Face>>("faces").empty());
  }
}

TEST(SyntheticFaces, EachPictureDependsOnSeedAndNumberAlone) {
  const auto four = drawn(4).run_source(), six = drawn(6).run_source();
  ASSERT_EQ(six.size(), 6u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(equal(pixels(four[i]), pixels(six[i]))) << i;
  EXPECT_FALSE(equal(pixels(six[0]), pixels(six[1])));
  const auto other = drawn(1).set("seed", std::int64_t{2}).run_source();
  EXPECT_FALSE(equal(pixels(six[0]), pixels(other[0])));
}

TEST(SyntheticFaces, GoOnAfterSkippedPicturesAsIfTheyHadBeenMade) {
  const auto all = drawn(3).run_source();
  NodeRunner node = drawn(3);
  node.open();
  auto& source = dynamic_cast<Source&>(node.node());
  EXPECT_EQ(source.size(), 3u);
  EXPECT_TRUE(source.skip());
  EXPECT_TRUE(source.skip());
  const auto rest = node.run_source();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_TRUE(equal(pixels(rest[0]), pixels(all[2])));
  EXPECT_FALSE(source.skip());
}

TEST(SyntheticFaces, LabelsAreSpreadEvenlyAndNameThePictures) {
  Texts labels, paths;
  for (const Outputs& one : drawn(4).run_source()) {
    labels.push_back(one.get<std::string>("label"));
    paths.push_back(one.get<std::string>("path"));
  }
  EXPECT_EQ(labels, (Texts{"real", "fake", "real", "fake"}));
  EXPECT_EQ(paths, (Texts{"real_0001", "fake_0002", "real_0003", "fake_0004"}));
}

TEST(SyntheticFaces, FakeShareIsKept) {
  for (const double share : {0.0, 0.25, 1.0}) {
    double fakes = 0;
    for (const Outputs& one : drawn(8, 64).set("fake_share", share).run_source())
      fakes += one.get<std::string>("label") == "fake" ? 1 : 0;
    EXPECT_EQ(fakes, 8 * share);
  }
}

TEST(SyntheticFaces, TheSamplesAreWhatTheirPipelineDraws) {
  NodeRunner source = drawn(8, 320);  // as pipelines/make-samples.yaml says
  source.set("seed", std::int64_t{17}).set("faces_min", std::int64_t{0}).set("faces_max", std::int64_t{2});
  for (const Outputs& one : source.run_source()) {
    const std::string file = "pipelines/samples/" + one.get<std::string>("path") + ".jpg";
    cv::Mat sample = cv::imread(file, cv::IMREAD_COLOR);
    ASSERT_EQ(sample.size(), pixels(one).size()) << file;
    cv::cvtColor(sample, sample, cv::COLOR_BGR2RGB);
    EXPECT_LT(cv::norm(sample, pixels(one), cv::NORM_L1) / static_cast<double>(3 * sample.total()), 4) << file;
  }
}

TEST(SyntheticFaces, RefuseWhatCannotBeDrawn) {
  EXPECT_THROW(drawn(1).set("faces_min", std::int64_t{2}).open(), std::invalid_argument);
  EXPECT_THROW(drawn(1).set("kinds", Texts{"melted"}).open(), std::invalid_argument);
  EXPECT_THROW(drawn(1).set("kinds", Texts{}).open(), std::invalid_argument);
  EXPECT_NO_THROW(drawn(1).set("kinds", Texts{}).set("fake_share", 0.0).open());
}

class Manipulation : public ::testing::TestWithParam<std::string> {};

TEST_P(Manipulation, ChangesTheInnerFaceAndNothingElse) {
  Random for_scene(3), for_real(5), for_fake(5);
  const Scene scene = random_scene(for_scene, 160, 1);
  const cv::Mat real = photograph(for_real, scene.canvas, camera("plain")),
                fake = manipulated_photograph(for_fake, scene, camera("plain"), GetParam());
  cv::Mat difference;
  cv::absdiff(real, fake, difference);
  const FaceLook& face = scene.faces.at(0);
  const auto at = [](double x) { return static_cast<int>(x); };
  const cv::Rect inner(at(face.centre.x - face.half_width), at(face.centre.y - 0.9 * face.half_width),
                       at(2 * face.half_width), at(2.3 * face.half_width));
  EXPECT_GT(cv::mean(difference(inner))[1], 0.5);
  difference(inner).setTo(cv::Scalar::all(0));
  EXPECT_EQ(cv::countNonZero(difference.reshape(1)), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Manipulation,
                         ::testing::Values("upsampled", "blended", "smoothed", "swapped", "checkered"),
                         [](const auto& test) { return test.param; });

TEST(Manipulation, ResynthesisLeavesNoNoiseAnywhere) {
  Random for_scene(3), for_real(5), for_fake(5);
  const Scene scene = random_portrait(for_scene, 160, 5);
  const cv::Mat real = photograph(for_real, scene.canvas, camera("b")),
                fake = manipulated_photograph(for_fake, scene, camera("b"), "resynthesised");
  const auto detail = [](const cv::Mat& picture) {
    cv::Mat fine;
    cv::Laplacian(picture(cv::Rect(0, 0, 20, 160)), fine, CV_32F);
    return cv::norm(fine);
  };
  EXPECT_LT(detail(fake), 0.5 * detail(real));
}

TEST(Manipulation, RefusesAKindItDoesNotKnow) {
  Random random(1);
  const Scene scene = random_scene(random, 64, 1);
  EXPECT_THROW(manipulated_photograph(random, scene, camera("plain"), "melted"), std::invalid_argument);
}

}  // namespace
}  // namespace dfpipe::synthetic
