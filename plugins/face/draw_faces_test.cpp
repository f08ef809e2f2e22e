#include <gmock/gmock.h>

#include <limits>
#include <opencv2/core.hpp>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::face {
namespace {

using dfpipe::testing::NodeRunner;

Image grey(int width, int height) { return {cv::Mat(height, width, CV_8UC3, cv::Scalar::all(100))}; }

Face face_at(cv::Rect box) {
  Face face;
  face.box = box;
  face.crop_box = box;
  face.detector = "yunet";
  return face;
}

cv::Mat drawn(const Image& image, const Face& face) {
  List<Face> faces;
  faces.push_back(face);
  const auto outputs = NodeRunner("draw-faces").in("image", image).in("faces", faces).run();
  return outputs.get<Image>("image").pixels.clone();
}

int changed(const cv::Mat& a, const cv::Mat& b, cv::Rect where) {
  cv::Mat difference;
  cv::absdiff(a(where), b(where), difference);
  return cv::countNonZero(difference.reshape(1));
}

TEST(DrawFaces, ShowsEachKindOfKnowledgeAndLeavesThePictureAlone) {
  const Image image = grey(200, 200);
  const cv::Mat before = image.pixels.clone();
  Face face = face_at({50, 60, 100, 100});
  const cv::Mat boxes = drawn(image, face);
  EXPECT_GT(changed(boxes, before, {50, 60, 100, 1}), 0);
  EXPECT_EQ(cv::norm(image.pixels, before, cv::NORM_INF), 0);

  face.eyes = {{{80, 90}, {120, 90}}};
  const cv::Mat eyes = drawn(image, face);
  EXPECT_GT(changed(eyes, boxes, {70, 80, 20, 20}), 0);
  EXPECT_GT(changed(eyes, boxes, {110, 80, 20, 20}), 0);

  face.key_points = {{{80, 90}, {120, 90}, {100, 110}, {85, 130}, {115, 130}}};
  EXPECT_GT(changed(drawn(image, face), eyes, {95, 105, 10, 10}), 0);
  face.landmarks = {{90, 100, 0}, {60, 150, 0}};
  EXPECT_GT(changed(drawn(image, face), eyes, {58, 148, 5, 5}), 0);
}

TEST(DrawFaces, TakesPointsAndBoxesBesideThePicture) {
  Face face = face_at({-50, -60, 300, 90});
  face.box = {-1e6, 5, 3e6, 1e7};
  face.landmarks = {{-1e6f, 3, 0}, {4, 1e7f, 0}};
  face.eyes = {{{-5, -5}, {500, 500}}};
  EXPECT_EQ(drawn(grey(1, 1), face).size(), cv::Size(1, 1));
  EXPECT_EQ(drawn(grey(30, 20), face).size(), cv::Size(30, 20));
}

TEST(DrawFaces, RefusesAPictureWithoutPixels) {
  NodeRunner node("draw-faces");
  EXPECT_THROW(node.in("image", Image{}).in("faces", List<Face>{}).run(), Error);
}

TEST(FaceImage, IsTheCropUnderThePicturesNameAndItsNumber) {
  Face face = face_at({0, 0, 4, 3});
  face.crop = grey(4, 3);
  NodeRunner node("face-image");
  const auto named = node.in("face", face).in("path", std::string("people/a.jpg")).run();
  EXPECT_EQ(named.get<Image>("image").pixels.size(), cv::Size(4, 3));
  EXPECT_EQ(named.get<std::string>("path"), "people/a.jpg.0");
}

}  // namespace
}  // namespace dfpipe::face
