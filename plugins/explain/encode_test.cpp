#include <gmock/gmock.h>
#include <png.h>

#include <opencv2/core.hpp>

#include "dfpipe/base64.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/tensor.hpp"
#include "overlay.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::explain {
namespace {

using namespace dfpipe::detector::testing;
using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;
using ::testing::HasSubstr;

cv::Mat decode(const std::vector<std::uint8_t>& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, png.data(), png.size()) == 0) throw std::runtime_error(image.message);
  image.format = PNG_FORMAT_RGB;
  cv::Mat rgb(static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3);
  png_image_finish_read(&image, nullptr, rgb.data, 0, nullptr);
  return rgb;
}

Face face_of(int width, int height, const cv::Scalar& colour) {
  Face face;
  face.crop.pixels = cv::Mat(height, width, CV_8UC3, colour);
  return face;
}

double largest_difference(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF); }

NodeRunner encode(const std::string& content) {
  NodeRunner runner("encode");
  runner.set("content", content);
  return runner;
}

TEST(Encode, TheHeatMapAloneIsTheOriginalsPicture) {
  const at::Tensor map = load_all(data / "original_expected.safetensors").at("tiny.rollout_cam").unsqueeze(0);
  NodeRunner runner = encode("heatmap");
  runner.in("face", face_of(224, 224, {0, 0, 0})).in("heatmap", map);
  const std::string file = read_bytes(data / "original_heatmap_tiny.png");
  const cv::Mat wanted = decode({file.begin(), file.end()});
  EXPECT_EQ(largest_difference(decode(runner.run().get<Bytes>("png").data), wanted), 0);
}

TEST(Encode, TheMapCoversTheCentreSquareThatClipSaw) {
  EXPECT_EQ(visible_square({100, 60}), cv::Rect(20, 0, 60, 60));
  EXPECT_EQ(visible_square({61, 100}), cv::Rect(0, 19, 61, 61));
  NodeRunner runner = encode("overlay");
  runner.set("opacity", 1.0).in("face", face_of(100, 60, {10, 200, 30})).in("heatmap", at::ones({1, 2, 2}));
  const cv::Mat picture = decode(runner.run().get<Bytes>("png").data);
  ASSERT_EQ(picture.size(), cv::Size(100, 60));
  EXPECT_EQ(picture.at<cv::Vec3b>(30, 19), cv::Vec3b(10, 200, 30)) << "outside, the face is as it was, in RGB";
  EXPECT_EQ(picture.at<cv::Vec3b>(30, 80), cv::Vec3b(10, 200, 30));
  EXPECT_EQ(picture.at<cv::Vec3b>(30, 20), cv::Vec3b(128, 0, 0)) << "JET's end is dark red";
}

TEST(Encode, TheMapCoversTheWindowThatTheModelSaw) {
  const cv::Vec3b face_colour(10, 200, 30), hottest(128, 0, 0);
  const auto drawn = [&](const Window& window, const std::string& content = "overlay") {
    NodeRunner runner = encode(content);
    runner.set("opacity", 1.0).in("face", face_of(100, 60, {10, 200, 30})).in("heatmap", at::ones({1, 2, 2}));
    return decode(runner.in("window", window).run().get<Bytes>("png").data);
  };
  const cv::Mat part = drawn({.x = 0.1, .y = 0.5, .width = 0.2, .height = 0.25});
  EXPECT_EQ(part.at<cv::Vec3b>(30, 10), hottest);
  EXPECT_EQ(part.at<cv::Vec3b>(44, 29), hottest);
  EXPECT_EQ(part.at<cv::Vec3b>(29, 10), face_colour);
  EXPECT_EQ(part.at<cv::Vec3b>(30, 30), face_colour);
  EXPECT_EQ(drawn({}, "heatmap").size(), cv::Size(100, 60))
      << "squeezed into a square for the model, stretched back here";
  // Filled up on all sides: the crop is the middle third of what the model saw. A gradient shows the right part of it.
  NodeRunner runner = encode("overlay");
  const at::Tensor ramp = at::linspace(0, 1, 9).view({1, 1, 9}).expand({1, 9, 9}).contiguous();
  runner.set("opacity", 1.0).in("face", face_of(90, 90, {10, 200, 30})).in("heatmap", ramp);
  const cv::Mat middle =
      decode(runner.in("window", Window{.x = -1, .y = -1, .width = 3, .height = 3}).run().get<Bytes>("png").data);
  EXPECT_EQ(middle.size(), cv::Size(90, 90));
  EXPECT_EQ(middle.at<cv::Vec3b>(45, 45), middle.at<cv::Vec3b>(0, 45));
  EXPECT_GT(middle.at<cv::Vec3b>(45, 5)[2], middle.at<cv::Vec3b>(45, 85)[2]) << "bluer on the left";
  EXPECT_GT(middle.at<cv::Vec3b>(45, 45)[1], 200) << "JET's middle is green";
}

TEST(Encode, OpacityMixesTheMapWithTheFace) {
  NodeRunner runner = encode("overlay");
  runner.set("opacity", 0.0).in("face", face_of(20, 20, {10, 200, 30})).in("heatmap", at::ones({1, 2, 2}));
  EXPECT_EQ(largest_difference(decode(runner.run().get<Bytes>("png").data), face_of(20, 20, {10, 200, 30}).crop.pixels),
            0);
}

TEST(Encode, LeavesTheFacesPixelsAlone) {
  const Face face = face_of(20, 20, {10, 200, 30});
  NodeRunner runner = encode("overlay");
  runner.in("face", face).in("heatmap", at::ones({1, 2, 2})).run();
  EXPECT_EQ(face.crop.pixels.at<cv::Vec3b>(10, 10), cv::Vec3b(10, 200, 30));
}

TEST(Encode, SizeIsTheLongerSideAtMost) {
  const auto drawn = [](const std::string& content, std::int64_t size) {
    NodeRunner runner = encode(content);
    runner.set("size", size).in("face", face_of(100, 60, {1, 2, 3})).in("heatmap", at::ones({1, 2, 2}));
    return decode(runner.run().get<Bytes>("png").data).size();
  };
  EXPECT_EQ(drawn("crop", 50), cv::Size(50, 30));
  EXPECT_EQ(drawn("overlay", 50), cv::Size(50, 30));
  EXPECT_EQ(drawn("heatmap", 50), cv::Size(30, 30)) << "the square that CLIP saw";
  EXPECT_EQ(drawn("crop", 500), cv::Size(100, 60)) << "never enlarged";
  EXPECT_EQ(drawn("heatmap", 500), cv::Size(60, 60));
  EXPECT_EQ(drawn("overlay", 1), cv::Size(1, 1));
  NodeRunner unset = encode("overlay");
  unset.in("face", face_of(2000, 1000, {1, 2, 3})).in("heatmap", at::ones({1, 2, 2}));
  EXPECT_EQ(decode(unset.run().get<Bytes>("png").data).size(), cv::Size(512, 256));
}

TEST(Encode, TheBase64IsThatOfThePng) {
  NodeRunner runner = encode("crop");
  const Outputs out = runner.in("face", face_of(7, 5, {9, 9, 9})).run();
  EXPECT_EQ(out.get<std::string>("base64"), base64(out.get<Bytes>("png").data));
  const auto bytes = [](std::string_view text) { return std::vector<std::uint8_t>(text.begin(), text.end()); };
  EXPECT_EQ(base64({}), "");
  EXPECT_EQ(base64(bytes("f")), "Zg==");
  EXPECT_EQ(base64(bytes("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes("foobar")), "Zm9vYmFy");
}

TEST(Encode, SaysWhyThereIsNoMap) {
  NodeRunner runner = encode("overlay");
  runner.in("face", face_of(20, 20, {1, 2, 3})).in_failed("heatmap", "rollout", "5 patches are no square grid");
  EXPECT_THAT(message_of([&] { runner.run(); }), HasSubstr("node 'rollout': 5 patches are no square grid"));
  const auto off = std::make_shared<const Reason>(Reason{Reason::Kind::disabled, "rollout", "disabled", "off"});
  EXPECT_FALSE(runner.in_cell("heatmap", Cell(off)).run().has("png")) << "switched off is no error";
  NodeRunner unconnected = encode("overlay");
  unconnected.in("face", face_of(20, 20, {1, 2, 3}));
  EXPECT_THAT(message_of([&] { unconnected.open(); }), HasSubstr("needs the input 'heatmap'"));
}

TEST(Encode, RefusesAMapOfMoreThanOneFaceAndAFaceWithoutPixels) {
  NodeRunner runner = encode("overlay");
  runner.in("face", face_of(20, 20, {1, 2, 3})).in("heatmap", at::ones({2, 2, 2}));
  EXPECT_THAT(message_of([&] { runner.run(); }), HasSubstr("[1,g,g]"));
  runner.in("heatmap", at::ones({1, 2, 2})).in("face", Face{});
  EXPECT_THAT(message_of([&] { runner.run(); }), HasSubstr("no pixels"));
}

}  // namespace
}  // namespace dfpipe::explain
