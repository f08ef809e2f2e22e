#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "landmarker_task.hpp"
#include "mediapipe_detector.hpp"
#include "testing/assets.hpp"

namespace dfpipe::face {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using dfpipe::testing::assets;
using dfpipe::testing::why_no_asset;

std::vector<std::byte> bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

LandmarkerTask read_task(const std::string& name) {
  const fs::path file = assets() / "face-models" / name;
  return LandmarkerTask::read(bytes_of(file), file.string());
}

cv::Mat read_rgb(const fs::path& file) {
  cv::Mat picture = cv::imread((assets() / file).string(), cv::IMREAD_COLOR);
  if (picture.empty()) throw std::runtime_error(file.string() + " cannot be read");
  cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  return picture;
}

json read_json(const fs::path& file) {
  std::ifstream in(assets() / file);
  return json::parse(in);
}

/// The networks of the published file and what others published for them; without those files all is skipped.
class Landmarker : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* const wanted : {"face-models/face_landmarker.task", "golden-face"})
      if (const std::string why = why_no_asset(wanted); !why.empty()) GTEST_SKIP() << why;
  }

  static const BlazeFace& blaze_face() {
    static const BlazeFace one(read_task("face_landmarker.task").detector);
    return one;
  }
  static const std::shared_ptr<const FaceMesh>& mesh() {
    static const auto one = std::make_shared<const FaceMesh>(read_task("face_landmarker.task").landmarker);
    return one;
  }
  static MediapipeDetector detector(double min_score = 0) { return {blaze_face(), mesh(), min_score, 0.5}; }
};

struct Distances {
  double mean = 0, largest = 0;
};

Distances distances(const std::vector<cv::Point3f>& found, const json& expected, double width, double height) {
  Distances all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double away = std::hypot(found[i].x - expected[i][0].get<double>() * width,
                                   found[i].y - expected[i][1].get<double>() * height);
    all.mean += away / static_cast<double>(found.size());
    all.largest = std::max(all.largest, away);
  }
  return all;
}

TEST_F(Landmarker, FindsThePublishedLandmarksToATenthOfAPixel) {
  const json golden = read_json("golden-face/business_person_landmarks.json");
  const cv::Mat picture = read_rgb(golden["photo"].get<std::string>());
  const std::vector<Detection> faces = detector(0.3).detect(picture);
  ASSERT_EQ(faces.size(), 1u);
  ASSERT_EQ(faces[0].landmarks.size(), FaceMesh::points);
  const Distances away = distances(faces[0].landmarks, golden["landmarks"], picture.cols, picture.rows);
  RecordProperty("mean_px", std::to_string(away.mean));
  RecordProperty("largest_px", std::to_string(away.largest));
  std::printf("landmarks: %.4f px away on average, %.4f px at most\n", away.mean, away.largest);
  EXPECT_LT(away.largest, 0.1);
  for (std::size_t i = 0; i < FaceMesh::points; ++i)
    EXPECT_NEAR(faces[0].landmarks[i].z / static_cast<float>(picture.cols), golden["landmarks"][i][2].get<double>(),
                2e-4)
        << i;
}

TEST_F(Landmarker, FindsThePublishedFaces) {
  const json golden = read_json("golden-face/two_faces_boxes.json");
  const std::vector<Candidate> faces = blaze_face().find(read_rgb(golden["photo"].get<std::string>()), 0.5);
  ASSERT_EQ(faces.size(), golden["expected"].size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const json& expected = golden["expected"][i];
    EXPECT_NEAR(faces[i].score, expected["score"].get<double>(), 1e-3);
    const cv::Rect2d& box = faces[i].box;
    EXPECT_THAT((std::vector<double>{box.x, box.y, box.width, box.height}),
                ::testing::Pointwise(::testing::DoubleNear(2), expected["box"].get<std::vector<double>>()));
  }
}

/// Each stage from the reference's own input of that stage, so that the first that differs is found.
TEST_F(Landmarker, EveryStageGivesTheReferencesNumbers) {
  for (const char* const name : {"business_person", "astronaut", "two_faces"}) {
    SCOPED_TRACE(name);
    const json golden = read_json(std::string("golden-face/stages/") + name + ".json");
    const json& tolerance = golden["tolerance"];
    const std::string photo = golden["photo"];
    const cv::Mat picture = read_rgb(photo);
    const bool same_pixels = photo.ends_with(".png");

    const cv::Mat input = read_rgb("golden-face/" + golden["stage1_input"]["png"].get<std::string>());
    const cv::Mat cut = cut_out(picture, roi_of_picture(picture.size()), input.cols, Border::black);
    EXPECT_LE(cv::norm(cut, input, cv::NORM_INF), same_pixels ? tolerance["detector_input_level"].get<double>() : 12);

    std::vector<Candidate> candidates = blaze_face().candidates(input, 0.25);
    std::ranges::sort(candidates, std::ranges::greater(), &Candidate::score);
    const json& expected = golden["stage2_candidates"];
    ASSERT_EQ(candidates.size(), expected.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      EXPECT_NEAR(candidates[i].score, expected[i]["score"].get<double>(), 1e-4);
      EXPECT_NEAR(candidates[i].box.x, expected[i]["box"][0].get<double>(), tolerance["box_normalised"].get<double>());
      EXPECT_NEAR(candidates[i].points[5].y, expected[i]["keypoints"][5][1].get<double>(),
                  tolerance["box_normalised"].get<double>());
    }

    const std::vector<Candidate> own = blaze_face().find(picture, 0.5);
    ASSERT_EQ(own.size(), golden["faces"].size());
    for (std::size_t f = 0; f < own.size(); ++f) {
      const json& face = golden["faces"][f];
      const json& box = face["after_nms"]["box_px"];
      const cv::Rect2d found(cv::Point2d(box[0], box[1]), cv::Point2d(box[2], box[3]));
      std::array<cv::Point2d, 2> eyes;
      for (std::size_t e = 0; e < 2; ++e) {
        const json& eye = face["after_nms"]["keypoints_normalised_image"][e];
        eyes[e] = {eye[0].get<double>() * picture.cols, eye[1].get<double>() * picture.rows};
      }
      const Roi roi = roi_of_box(found, eyes);
      const json& wanted = face["roi"];
      EXPECT_NEAR(roi.centre.x, wanted["center_px"][0].get<double>(), tolerance["roi_px"].get<double>());
      EXPECT_NEAR(roi.height, wanted["size_px"][1].get<double>(), tolerance["roi_px"].get<double>());
      EXPECT_NEAR(roi.rotation, wanted["rotation_rad"].get<double>(), tolerance["rotation_rad"].get<double>());

      const cv::Mat mesh_input = read_rgb("golden-face/" + face["mesh_input_png"].get<std::string>());
      if (same_pixels) {
        const Roi found_roi = roi_of_box(own[f].box, {own[f].points[0], own[f].points[1]});
        const cv::Mat shown = cut_out(picture, found_roi, mesh_input.cols, Border::replicate);
        // The warp counts in 32nds of a pixel: a coordinate just beside a step may take the next one.
        cv::Mat difference;
        cv::absdiff(shown, mesh_input, difference);
        EXPECT_LE(cv::norm(difference, cv::NORM_INF), 5);
        const cv::Mat beyond = difference.reshape(1) > tolerance["mesh_input_level"].get<double>();
        EXPECT_LE(cv::countNonZero(beyond), static_cast<int>(beyond.total() / 1000));
      }
      const FaceMesh::Result result = mesh()->look_at_input(mesh_input);
      EXPECT_NEAR(result.presence, face["presence"].get<double>(), 1e-3);
      const Distances away = distances(result.landmarks, face["landmarks_crop_px"], 1, 1);
      EXPECT_LT(away.largest, tolerance["landmarks_crop_px"].get<double>());
    }
  }
}

TEST_F(Landmarker, ASecondLookMakesLandmarksIndependentOfTheDetector) {
  const cv::Mat picture = read_rgb("photos/portraits/mp_business_person.png");
  const std::vector<Detection> faces = detector().detect(picture);
  ASSERT_EQ(faces.size(), 1u);
  Detection rough = faces[0];
  rough.landmarks.clear();
  rough.box += cv::Point2d(0.06 * rough.box.width, -0.05 * rough.box.height);
  const LandmarkBox usual{.dx = -0.02, .dy = -0.03, .width = 0.89, .height = 1.03};
  const FaceMesh::Result once = mesh()->look(picture, roi_of_detection(rough, usual));
  const FaceMesh::Result twice = mesh()->find(picture, rough, usual);
  const FaceMesh::Result wanted = mesh()->look(picture, roi_of_landmarks(faces[0].landmarks));
  const auto away = [&](const FaceMesh::Result& result) {
    double sum = 0;
    for (std::size_t i = 0; i < FaceMesh::points; ++i)
      sum += std::hypot(result.landmarks[i].x - wanted.landmarks[i].x, result.landmarks[i].y - wanted.landmarks[i].y);
    return sum / FaceMesh::points;
  };
  std::printf("mean distance: %.2f px after one look, %.2f px after two\n", away(once), away(twice));
  EXPECT_LT(away(twice), 0.5 * away(once));
  EXPECT_LT(away(twice), 0.5);
}

TEST_F(Landmarker, TheOlderBundleLoadsAsWell) {
  if (const std::string why = why_no_asset("face-models/face_landmarker_v2.task"); !why.empty()) GTEST_SKIP() << why;
  const LandmarkerTask task = read_task("face_landmarker_v2.task");
  const auto other = std::make_shared<const FaceMesh>(task.landmarker);
  EXPECT_EQ(other->side(), 192);
  const cv::Mat picture = read_rgb("photos/portraits/mp_business_person.png");
  const std::vector<Detection> faces = MediapipeDetector(BlazeFace(task.detector), other, 0, 0.5).detect(picture);
  ASSERT_EQ(faces.size(), 1u);
  const json golden = read_json("golden-face/business_person_landmarks.json");
  EXPECT_LT(distances(faces[0].landmarks, golden["landmarks"], picture.cols, picture.rows).mean, 4);
}

TEST_F(Landmarker, TakesPicturesOfAnyShape) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 4000}, {12000, 1}, {40000, 30}, {30, 12000}, {19, 21}}) {
    const cv::Mat blank(height, width, CV_8UC3, cv::Scalar(90, 120, 150));
    EXPECT_TRUE(detector().detect(blank).empty()) << width << " x " << height;
    const Detection made_up{.box = {0, 0, static_cast<double>(width), static_cast<double>(height)}};
    EXPECT_FALSE(mesh()->find(blank, made_up, {}).presence > 0.9) << width << " x " << height;
  }
}

TEST_F(Landmarker, FindsTheSameLandmarksInAHugePicture) {
  const cv::Mat face = read_rgb("photos/portraits/sk_astronaut.png");
  const std::vector<Detection> expected = detector().detect(face);
  ASSERT_FALSE(expected.empty());
  cv::Mat panorama(700, 20000, CV_8UC3, cv::Scalar(90, 120, 150));
  cv::Mat place = panorama(cv::Rect({17000, 100}, face.size()));
  face.copyTo(place);
  Detection alone = expected[0];
  alone.landmarks.clear();
  Detection moved = alone;
  moved.box += cv::Point2d(17000, 100);
  const LandmarkBox usual{.dx = -0.02, .dy = -0.03, .width = 0.89, .height = 1.03};
  const FaceMesh::Result here = mesh()->find(face, alone, usual), there = mesh()->find(panorama, moved, usual);
  ASSERT_EQ(there.landmarks.size(), FaceMesh::points);
  for (std::size_t i = 0; i < FaceMesh::points; ++i)
    EXPECT_LT(std::hypot(there.landmarks[i].x - 17000 - here.landmarks[i].x,
                         there.landmarks[i].y - 100 - here.landmarks[i].y),
              0.6)
        << i;
}

TEST_F(Landmarker, IsUsedByManyThreadsAtOnce) {
  const cv::Mat picture = read_rgb("photos/portraits/mp_two_faces_testImg.jpeg");
  const MediapipeDetector shared = detector();
  const std::vector<Detection> expected = shared.detect(picture);
  ASSERT_EQ(expected.size(), 2u);
  std::vector<int> wrong(6);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong)
      threads.emplace_back([&] {
        for (int round = 0; round < 4; ++round) {
          const std::vector<Detection> found = shared.detect(picture);
          const bool equal = std::ranges::equal(found, expected, [](const Detection& a, const Detection& b) {
            return a.box == b.box && a.score == b.score && a.landmarks == b.landmarks;
          });
          count += equal ? 0 : 1;
        }
      });
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST_F(Landmarker, ACutFileIsRefusedWhereverItIsCut) {
  const std::vector<std::byte> whole = bytes_of(assets() / "face-models/face_landmarker.task");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 40 + 1)
    EXPECT_THROW(LandmarkerTask::read(std::span(whole).first(size), "cut.task"), std::runtime_error) << size;
  EXPECT_THROW(LandmarkerTask::read(std::span(whole).first(whole.size() - 1), "cut.task"), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::face
