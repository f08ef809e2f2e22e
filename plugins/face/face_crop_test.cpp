#include <gmock/gmock.h>

#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "detector.hpp"
#include "dfpipe/types/face.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::face {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;

Image read(const std::string& name, const std::string& folder = "tests/data/face/") {
  const cv::Mat bgr = cv::imread(folder + name, cv::IMREAD_COLOR);
  EXPECT_FALSE(bgr.empty()) << name;
  Image image;
  cv::cvtColor(bgr, image.pixels, cv::COLOR_BGR2RGB);
  return image;
}

Image blank(int width, int height) { return {cv::Mat(height, width, CV_8UC3, cv::Scalar(90, 120, 150))}; }

const List<Face>& faces_of(const Outputs& outputs) { return outputs.get<List<Face>>("faces"); }

/// With default parameters; the detector is made once, which takes longer than a call.
Outputs crop(const Image& image) {
  static NodeRunner node("face-crop");
  return node.in("image", image).run();
}

TEST(FaceCrop, FindsBothFacesFromLeftToRight) {
  const Image image = read("two_faces.jpg");
  const Outputs outputs = crop(image);
  const List<Face>& faces = faces_of(outputs);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_LT(faces.at(0).box.x, faces.at(1).box.x);
  for (std::size_t i = 0; i < 2; ++i) {
    const Face& face = faces.at(i);
    EXPECT_EQ(face.detector, "dlib");
    EXPECT_GT(face.score, 0);
    EXPECT_EQ(face.crop.pixels.size(), face.crop_box.size());
    EXPECT_EQ(cv::norm(face.crop.pixels, image.pixels(face.crop_box), cv::NORM_INF), 0) << "another part was cut out";
  }
}

TEST(FaceCrop, FindsEveryFaceOfTheSamples) {
  const std::map<std::string, std::size_t> expected{{"real_0001.jpg", 1}, {"fake_0002.jpg", 1}, {"real_0003.jpg", 1},
                                                    {"fake_0004.jpg", 1}, {"real_0005.jpg", 1}, {"fake_0006.jpg", 2},
                                                    {"real_0007.jpg", 0}, {"fake_0008.jpg", 2}};
  for (const auto& [name, faces] : expected)
    EXPECT_EQ(faces_of(crop(read(name, "pipelines/samples/"))).size(), faces) << name;
}

TEST(FaceCrop, PadsTheBoxAsLandmarksWouldLieInIt) {
  const Outputs outputs = crop(read("one_face.jpg"));
  ASSERT_EQ(faces_of(outputs).size(), 1u);
  const Face& face = faces_of(outputs).at(0);
  EXPECT_NEAR(face.crop_box.width, 1.4 * 0.92 * face.box.width, 2);
  EXPECT_NEAR(face.crop_box.height, 1.4 * 1.09 * face.box.height, 2);
}

TEST(FaceCrop, TheCropDoesNotKeepThePictureAlive) {
  const Image image = read("one_face.jpg");
  const Outputs outputs = crop(image);
  ASSERT_EQ(faces_of(outputs).size(), 1u);
  EXPECT_NE(faces_of(outputs).at(0).crop.pixels.u, image.pixels.u);
}

TEST(FaceCrop, ReportsAPictureWithoutAFaceAsAnEmptyList) { EXPECT_TRUE(faces_of(crop(read("no_face.jpg"))).empty()); }

TEST(FaceCrop, GivesTheWholePictureWhereThatIsWanted) {
  NodeRunner node("face-crop");
  node.set("no_face", std::string("whole-image"));
  const Outputs without = node.in("image", blank(100, 60)).run();
  ASSERT_EQ(faces_of(without).size(), 1u);
  const Face& face = faces_of(without).at(0);
  EXPECT_EQ(face.detector, "whole-image");
  EXPECT_EQ(face.crop_box, cv::Rect(0, 0, 100, 60));
  EXPECT_EQ(face.box, cv::Rect2d(0, 0, 100, 60));
  EXPECT_EQ(face.score, 0);

  const Outputs with = node.in("image", read("one_face.jpg")).run();
  EXPECT_EQ(faces_of(with).at(0).detector, "dlib") << "only when there is no face";
}

TEST(FaceCrop, SearchesNothingWhenPicturesAreCropsAlready) {
  NodeRunner node("face-crop");
  const Outputs outputs = node.set("precropped", true).in("image", read("two_faces.jpg")).run();
  ASSERT_EQ(faces_of(outputs).size(), 1u);
  EXPECT_EQ(faces_of(outputs).at(0).detector, "precropped");
  EXPECT_EQ(node.node().facts().at("detector"), "precropped");
}

TEST(FaceCrop, NamesTheDetectorThatAutoChose) {
  NodeRunner node("face-crop");
  node.open();
  EXPECT_EQ(node.node().facts().at("detector"), "dlib");
}

TEST(FaceCrop, KeepsTheLargestFaceOnly) {
  const Outputs all = crop(read("two_faces.jpg"));
  const Outputs one =
      NodeRunner("face-crop").set("max_faces", std::int64_t{1}).in("image", read("two_faces.jpg")).run();
  ASSERT_EQ(faces_of(one).size(), 1u);
  EXPECT_EQ(faces_of(one).at(0).box.area(), std::max(faces_of(all).at(0).box.area(), faces_of(all).at(1).box.area()));
}

TEST(FaceCrop, KeepsAFaceThatTheBorderCuts) {
  const Image image = read("one_face.jpg");
  const Outputs whole_outputs = crop(image);
  const cv::Rect2d whole = faces_of(whole_outputs).at(0).box;
  const int cut = static_cast<int>(whole.x + 0.15 * whole.width);
  const Outputs outputs = crop({image.pixels(cv::Range::all(), {cut, image.pixels.cols}).clone()});
  ASSERT_EQ(faces_of(outputs).size(), 1u);
  EXPECT_LT(faces_of(outputs).at(0).box.x, 0);
  EXPECT_EQ(faces_of(outputs).at(0).crop_box.x, 0);
}

TEST(FaceCrop, FindsTheSameBoxInAnEnlargedPictureOnItsReducedCopy) {
  const Image image = read("one_face.jpg");
  const Outputs expected = crop(image);
  Image large;
  cv::resize(image.pixels, large.pixels, {}, 6, 6, cv::INTER_CUBIC);
  const Outputs outputs = NodeRunner("face-crop").set("detect_side", std::int64_t{400}).in("image", large).run();
  ASSERT_EQ(faces_of(outputs).size(), 1u);
  EXPECT_NEAR(faces_of(outputs).at(0).box.width / 6, faces_of(expected).at(0).box.width, 12);
}

TEST(FaceCrop, TakesPicturesOfAnyShape) {
  for (const auto& [width, height] :
       {std::pair{1, 1}, {1, 4000}, {12000, 1}, {12000, 30}, {30, 12000}, {19, 21}, {41, 20}})
    EXPECT_TRUE(faces_of(crop(blank(width, height))).empty()) << width << " x " << height;
}

TEST(FaceCrop, FindsAFaceInAPanorama) {
  Image panorama = blank(12000, 700);
  const Image face = read("one_face.jpg");
  cv::Mat place = panorama.pixels(cv::Rect(9000, 100, face.pixels.cols, face.pixels.rows));
  face.pixels.copyTo(place);
  const Outputs outputs = crop(panorama);
  ASSERT_EQ(faces_of(outputs).size(), 1u);
  EXPECT_GT(faces_of(outputs).at(0).box.x, 9000);
}

TEST(FaceCrop, RefusesAPictureWithoutPixels) {
  NodeRunner node("face-crop");
  EXPECT_THROW(node.in("image", Image{}).run(), Error);
}

TEST(FaceDetector, IsUsedByManyThreadsAtOnce) {
  const auto detector = make_detector("auto");
  const cv::Mat one = read("one_face.jpg").pixels, two = read("two_faces.jpg").pixels;
  const std::vector<Detection> expected_one = detector->detect(one), expected_two = detector->detect(two);
  ASSERT_FALSE(expected_one.empty());
  std::vector<int> wrong(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&, t] {
        for (int round = 0; round < 3; ++round) {
          const bool second = (t + static_cast<std::size_t>(round)) % 2 != 0;
          const auto& expected = second ? expected_two : expected_one;
          const auto found = detector->detect(second ? two : one);
          const bool equal = std::ranges::equal(found, expected, [](const Detection& a, const Detection& b) {
            return a.box == b.box && a.score == b.score;
          });
          wrong[t] += equal ? 0 : 1;
        }
      });
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST(FaceDetector, RefusesANameItDoesNotKnow) { EXPECT_THROW(make_detector("eyes"), std::invalid_argument); }

}  // namespace
}  // namespace dfpipe::face
