#include <gmock/gmock.h>

#include <map>
#include <opencv2/imgproc.hpp>

#include "align.hpp"
#include "dfpipe/types/face.hpp"
#include "face_testing.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::face {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Image read(const std::string& name, const std::string& folder = "tests/data/face/") {
  return {testing::read_picture(folder + name)};
}

Image blank(int width, int height) { return {testing::blank(width, height)}; }

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

TEST(FaceCrop, GrowsTheCropToASquareWhereThatIsWanted) {
  const Outputs plain = crop(read("one_face.jpg"));
  const Outputs square = NodeRunner("face-crop").set("square", true).in("image", read("one_face.jpg")).run();
  ASSERT_EQ(faces_of(square).size(), 1u);
  const cv::Rect grown = faces_of(square).at(0).crop_box, before = faces_of(plain).at(0).crop_box;
  EXPECT_EQ(grown.width, grown.height);
  EXPECT_EQ(grown & before, before);
  EXPECT_EQ(faces_of(square).at(0).crop.pixels.size(), grown.size());
}

TEST(FaceCrop, BringsEyesNoseAndMouthToTheTemplate) {
  if (const std::string why = testing::why_absent("yunet"); !why.empty()) GTEST_SKIP() << why;
  NodeRunner node("face-crop");
  node.set("detector", std::string("yunet")).set("models", testing::asset_models());
  node.set("align", std::string("five-point")).set("align_size", std::int64_t{128});
  const Image image = read("two_faces.jpg");
  const Outputs outputs = node.in("image", image).run();
  ASSERT_EQ(faces_of(outputs).size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const Face& face = faces_of(outputs).at(i);
    EXPECT_EQ(face.crop.pixels.size(), cv::Size(128, 128));
    EXPECT_EQ(face.crop_box & cv::Rect({0, 0}, image.pixels.size()), face.crop_box);
    // The points of the aligned crop, found again, lie where the template has them.
    const Outputs again = NodeRunner("face-crop")
                              .set("detector", std::string("yunet"))
                              .set("models", testing::asset_models())
                              .in("image", face.crop)
                              .run();
    ASSERT_EQ(faces_of(again).size(), 1u);
    const FivePoints wanted = aligned_template(1.3, 128);
    for (std::size_t p = 0; p < 5; ++p)
      EXPECT_LT(cv::norm(faces_of(again).at(0).key_points->at(p) - wanted[p]), 8) << "point " << p;
  }
}

TEST(FaceCrop, KeepsAFaceWhoseLandmarksAreNotBelieved) {
  if (const std::string why = testing::why_absent("dlib+mesh"); !why.empty()) GTEST_SKIP() << why;
  const auto find = [](double min_presence, const char* align) {
    NodeRunner node("face-crop");
    node.set("detector", std::string("dlib")).set("models", testing::asset_models());
    node.set("min_presence", min_presence).set("align", std::string(align));
    const Outputs outputs = node.in("image", read("one_face.jpg")).run();
    EXPECT_EQ(faces_of(outputs).size(), 1u);
    return faces_of(outputs).at(0);
  };
  const Face believed = find(0, "none"), doubted = find(1, "none");  // nothing is surer than 1
  EXPECT_EQ(believed.detector, "dlib+mesh");
  EXPECT_EQ(believed.landmarks.size(), 478u);
  EXPECT_EQ(doubted.detector, "dlib");
  EXPECT_TRUE(doubted.landmarks.empty());
  EXPECT_EQ(doubted.presence, believed.presence) << "it is told all the same";
  EXPECT_EQ(doubted.box, believed.box);

  EXPECT_EQ(find(0, "five-point").crop.pixels.size(), cv::Size(256, 256));
  const Face straight = find(1, "five-point");
  EXPECT_EQ(straight.crop_box, doubted.crop_box) << "without key points it is cut out straight";
  EXPECT_EQ(straight.crop.pixels.size(), doubted.crop.pixels.size());
}

TEST(FaceCrop, RefusesToAlignByADetectorWithoutKeyPoints) {
  NodeRunner node("face-crop");
  node.set("detector", std::string("dlib")).set("align", std::string("five-point"));
  try {
    node.open();
    FAIL() << "opened";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the detector dlib gives none"));
  }
}

TEST(FaceCrop, TellsTheEyesOfAFaceOfWhichOnlyTheBoxIsKnown) {
  if (!find_model_file(eye_cascade_file, "")) GTEST_SKIP() << "opencv-data is not installed";
  const Outputs outputs = crop(read("one_face.jpg"));
  const Face& face = faces_of(outputs).at(0);
  ASSERT_TRUE(face.eyes);
  EXPECT_LT((*face.eyes)[0].x, (*face.eyes)[1].x);
  for (const cv::Point2f& eye : *face.eyes) EXPECT_TRUE(face.box.contains(eye)) << eye;
}

TEST(FaceCrop, NamesTheFilesThatResultsDependOn) {
  if (const std::string why = testing::why_absent("yunet"); !why.empty()) GTEST_SKIP() << why;
  NodeRunner node("face-crop");
  node.set("models", testing::asset_models()).set("landmarks", std::string("off")).open();
  EXPECT_THAT(node.node().facts(),
              ElementsAre(Pair("detector", "yunet"), Pair("face_detection_yunet_2023mar.onnx", "8f2383e4dd3c")));
}

TEST(FaceCrop, SaysWhichFileAnExplicitDetectorMisses) {
  NodeRunner node("face-crop");
  node.set("detector", std::string("yunet")).set("models", std::filesystem::path("nowhere"));
  try {
    node.open();
    FAIL() << "opened";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("dfpipe model fetch yunet-2023mar"));
  }
}

TEST(FaceCrop, RefusesASideThatIsTooSmallToSearch) {
  NodeRunner node("face-crop");
  EXPECT_THROW(node.set("detect_side", std::int64_t{10}).open(), std::runtime_error);
}

TEST(FaceCrop, RefusesAPictureWithoutPixels) {
  NodeRunner node("face-crop");
  EXPECT_THROW(node.in("image", Image{}).run(), Error);
}

}  // namespace
}  // namespace dfpipe::face
