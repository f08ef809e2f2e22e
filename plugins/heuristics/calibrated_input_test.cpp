#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <limits>

#include "drawn.hpp"
#include "judging.hpp"
#include "mesh_points.hpp"

namespace dfpipe::heuristics {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Optional;

const std::vector<std::string> names{"symmetry", "eyes", "texture", "edges", "lighting", "noise"};

/// Whatever goes in: six measures in their order, numbers within their bounds, a sentence each.
void expect_sound(const Measures& all) {
  ASSERT_EQ(all.all.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Measure& one = all.all[i];
    EXPECT_EQ(one.name, names[i]);
    ASSERT_TRUE(one.validity) << one.name;
    EXPECT_TRUE(*one.validity >= 0 && *one.validity <= 1) << one.name;
    EXPECT_FALSE(one.note.empty()) << one.name;
    if (one.value) {
      EXPECT_TRUE(std::isfinite(*one.value)) << one.name;
    }
    if (one.score) {
      EXPECT_TRUE(*one.score >= 0 && *one.score <= 1) << one.name;
    }
    for (const MeasurePart& part : one.parts)
      if (part.value) {
        EXPECT_TRUE(std::isfinite(*part.value)) << one.name << "." << part.name;
      }
  }
  if (all.total) {
    EXPECT_TRUE(*all.total >= 0 && *all.total <= 1);
  }
}

Face box_of(const cv::Rect& box) {
  Face face;
  face.box = box;
  face.crop_box = box;
  return face;
}

/// The face with the landmarks that place it, at its key points; the others lie in one place.
Face landmarks_at(Face face) {
  face.landmarks.assign(mesh::count, {256, 256, 0});
  const auto& p = *face.key_points;
  const auto put = [&](std::size_t i, const cv::Point2f& at) { face.landmarks[i] = {at.x, at.y, 0}; };
  put(mesh::right_iris.centre, p[0]);
  put(mesh::left_iris.centre, p[1]);
  put(mesh::nose_tip, p[2]);
  put(mesh::right_mouth_corner, p[3]);
  put(mesh::left_mouth_corner, p[4]);
  return face;
}

TEST(Calibrated, ABoxAloneGivesWhatNeedsNoEyes) {
  Drawn one = drawn(0);
  one.face.key_points.reset();
  const Measures all = measured(one.face, one.picture);
  expect_sound(all);
  for (const char* name : {"symmetry", "eyes", "edges"}) {
    EXPECT_FALSE(named(all, name).value) << name;
    EXPECT_FALSE(named(all, name).score) << name;
    EXPECT_EQ(named(all, name).validity, 0.0) << name;
    EXPECT_EQ(named(all, name).note, "needs the positions of the eyes") << name;
  }
  for (const char* name : {"texture", "lighting", "noise"}) EXPECT_TRUE(named(all, name).score) << name;
}

TEST(Calibrated, EyesAloneAlignAsKeyPointsDo) {
  const Drawn one = drawn(1);
  Face face = one.face;
  face.eyes = std::array<cv::Point2f, 2>{(*face.key_points)[0], (*face.key_points)[1]};
  face.key_points.reset();
  const Measures by_eyes = measured(face, one.picture), by_points = measured(one.face, one.picture);
  expect_sound(by_eyes);
  for (const std::string& name : names) EXPECT_TRUE(named(by_eyes, name).score) << name;
  EXPECT_NEAR(part(by_eyes, "texture", "detail"), part(by_points, "texture", "detail"), 0.2);
}

TEST(Calibrated, AOnePixelFaceIsHardlyValid) {
  const Drawn one = drawn(0);
  const Measures all = measured(box_of({100, 100, 1, 1}), one.picture);
  expect_sound(all);
  EXPECT_FALSE(all.total);
  EXPECT_EQ(all.worst, "");
}

TEST(Calibrated, AOnePixelPictureIsNoCrash) {
  const cv::Mat picture(1, 1, CV_8UC3, cv::Scalar(9, 9, 9));
  expect_sound(measured(box_of({0, 0, 1, 1}), picture));
}

TEST(Calibrated, EvenPicturesOfAnyBrightnessAreNoCrash) {
  for (const int grey : {0, 128, 255}) {
    Drawn one = drawn(2);
    one.picture.setTo(cv::Scalar::all(grey));
    expect_sound(measured(one.face, one.picture));
  }
}

TEST(Calibrated, AGreyPictureIsMeasuredToo) {
  const Drawn one = drawn(3);
  cv::Mat grey, picture;
  cv::cvtColor(one.picture, grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(grey, picture, cv::COLOR_GRAY2RGB);
  const Measures all = measured(one.face, picture);
  expect_sound(all);
  for (const std::string& name : names) EXPECT_TRUE(named(all, name).score) << name;
  EXPECT_NEAR(part(all, "noise", "channels"), 1, 1e-6);
  EXPECT_GT(named(all, "texture").validity, 0.9) << "skin is found by what it has in common, not by its hue";
}

TEST(Calibrated, UnusableLandmarksAreNotUsed) {
  const Drawn one = drawn(4);
  const Measures without = measured(one.face, one.picture);
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, infinite, -infinite, 1e30f, 0.0f}) {
    Face face = one.face;
    face.landmarks.assign(mesh::count, {bad, bad, bad});
    const Measures all = measured(face, one.picture);
    expect_sound(all);
    EXPECT_EQ(named(all, "symmetry").value, named(without, "symmetry").value) << bad;
    face.key_points->fill({bad, bad});
    face.eyes = std::array<cv::Point2f, 2>{cv::Point2f(bad, 1), cv::Point2f(bad, 1)};
    EXPECT_FALSE(named(measured(face, one.picture), "symmetry").value) << bad;
  }
}

TEST(Calibrated, AFewBadLandmarksAreNoCrash) {
  const Drawn one = drawn(4);
  for (const std::size_t bad : {std::size_t{10}, std::size_t{159}, std::size_t{4}, std::size_t{470}}) {
    Face face = landmarks_at(one.face);
    face.landmarks[bad].x = std::numeric_limits<float>::quiet_NaN();
    expect_sound(measured(face, one.picture));
  }
}

TEST(Calibrated, AFaceOutsideThePictureIsNotMeasured) {
  const Drawn one = drawn(0);
  Face face = one.face;
  for (cv::Point2f& p : *face.key_points) p += cv::Point2f(2000, 0);
  const Measures all = measured(face, one.picture);
  expect_sound(all);
  for (const Measure& measure : all.all) EXPECT_EQ(measure.note, "most of the face lies outside the picture");
  EXPECT_FALSE(all.total);
}

TEST(Calibrated, AFaceLargerThanThePictureIsNoCrash) {
  const Drawn one = drawn(0);
  for (const float times : {3.0f, 100.0f, 1000.0f}) {
    Face face = one.face;
    for (cv::Point2f& p : *face.key_points) p = cv::Point2f(256, 256) + (p - cv::Point2f(256, 256)) * times;
    expect_sound(measured(face, one.picture));
  }
}

TEST(Calibrated, AFaceHalfOutsideLosesValidity) {
  const Drawn one = drawn(0);
  const double whole = named(measured(one.face, one.picture), "edges").validity.value();
  const int left = static_cast<int>(one.look.centre.x - 0.7 * one.look.half_width);
  Face face = one.face;
  for (cv::Point2f& p : *face.key_points) p.x -= static_cast<float>(left);
  const Measures all = measured(face, one.picture.colRange(left, 512).clone());
  expect_sound(all);
  EXPECT_LT(named(all, "edges").validity, 0.9 * whole);
}

TEST(Calibrated, WorkDependsOnTheFaceNotOnThePicture) {
  const Drawn one = drawn(5);
  cv::Mat panorama(3000, 12000, CV_8UC3, cv::Scalar(90, 120, 150));
  one.picture.copyTo(panorama(cv::Rect(7000, 1500, 512, 512)));
  Face face = one.face;
  for (cv::Point2f& p : *face.key_points) p += cv::Point2f(7000, 1500);
  testing::NodeRunner node("heuristics");
  const auto best_of_ten = [&](const Face& which, const cv::Mat& picture) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 10; ++i) {
      node.in("face", which).in("image", Image{picture});
      const auto start = std::chrono::steady_clock::now();
      node.run();
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    return best;
  };
  const auto alone = best_of_ten(one.face, one.picture), among = best_of_ten(face, panorama);
  EXPECT_LT(among, 3 * alone);
  EXPECT_NEAR(named(measured(face, panorama), "texture").value.value(),
              named(measured(one.face, one.picture), "texture").value.value(), 0.01);
}

TEST(Calibrated, FacesWithLandmarksHaveAReferenceOfTheirOwn) {
  const Drawn one = drawn(0);
  const auto usual = [](Anchor anchor) { return built_in_reference(anchor).measures[0].parts[0]; };
  ASSERT_NE(usual(Anchor::landmarks).p90, usual(Anchor::key_points).p90);
  for (const Anchor anchor : {Anchor::landmarks, Anchor::key_points}) {
    const Face face = anchor == Anchor::landmarks ? landmarks_at(one.face) : one.face;
    const Measure symmetry = named(measured(face, one.picture), "symmetry");
    EXPECT_NEAR(symmetry.score.value(), band(symmetry.parts[0].value.value(), usual(anchor), OddWhen::either), 1e-4);
    std::array<char, 32> range{};
    std::snprintf(range.data(), range.size(), "(%.2f to %.2f)", usual(anchor).p10, usual(anchor).p90);
    EXPECT_THAT(symmetry.note, HasSubstr(range.data()));
  }
}

TEST(Calibrated, ClosedEyesAreNotCompared) {
  const Drawn one = drawn(0);
  Face face = landmarks_at(one.face);
  const auto& p = *face.key_points;
  const auto put = [&](std::size_t i, const cv::Point2f& at) { face.landmarks[i] = {at.x, at.y, 0}; };
  put(mesh::right_lids.outer, p[0] - cv::Point2f(20, 0));
  put(mesh::right_lids.inner, p[0] + cv::Point2f(20, 0));
  const Measure eyes = named(measured(face, one.picture), "eyes");
  EXPECT_EQ(eyes.validity, 0.0);
  EXPECT_THAT(eyes.note, HasSubstr("an eye is closed"));
}

TEST(Calibrated, NotesSayTheNumberAndWhatIsUsual) {
  const Drawn one = drawn(0);
  const Measures all = measured(one.face, one.picture);
  const std::string number = "-?[0-9.]+", usual = ", (as in most|(less|more) than in (most|nearly all)) photographs ";
  EXPECT_THAT(named(all, "symmetry").note, ::testing::MatchesRegex("the two halves of the face agree to " + number +
                                                                   usual + "\\(" + number + " to " + number + "\\).*"));
  EXPECT_THAT(named(all, "edges").note,
              ::testing::MatchesRegex("edges on the face's outline are " + number + " times those beside it" + usual +
                                      "\\(" + number + " to " + number + "\\).*"));
}

TEST(Calibrated, RefuseAPictureWithoutPixels) { EXPECT_THROW(measured(Face{}, cv::Mat()), Error); }

}  // namespace
}  // namespace dfpipe::heuristics
