#include <gmock/gmock.h>

#include <chrono>
#include <numbers>

#include "alignment.hpp"
#include "drawn.hpp"

namespace dfpipe::heuristics {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::ScratchFolder;
using ::testing::HasSubstr;

/// A node whose reference is what other drawn faces measure, made as a user makes one.
class Directions : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    NodeRunner measure("heuristics"), reference("heuristics-reference");
    reference.set("file", *folder_ / "drawn.yaml");
    for (std::uint64_t i = 100; i < 140; ++i) {
      const Drawn one = drawn(i);
      List<Measures> faces;
      faces.push_back(measured(measure, one.face, one.picture));
      reference.in("measures", std::move(faces)).run();
    }
    reference.close();
  }
  static void TearDownTestSuite() { folder_.reset(); }

  Directions() : node_("heuristics") { node_.set("reference", *folder_ / "drawn.yaml"); }

  Measures measure(const Drawn& one, const cv::Mat& picture) { return measured(node_, one.face, picture); }
  Measures measure(const Drawn& one) { return measure(one, one.picture); }

  static std::unique_ptr<ScratchFolder> folder_;
  NodeRunner node_;
};

std::unique_ptr<ScratchFolder> Directions::folder_;

constexpr std::uint64_t faces_tried = 5;

TEST_F(Directions, DrawnFacesAreNaturalAmongTheirLike) {
  double sum = 0;
  for (std::uint64_t i = 0; i < faces_tried; ++i) {
    const Measures all = measure(drawn(i));
    ASSERT_TRUE(all.total);
    sum += *all.total;
  }
  EXPECT_GT(sum / faces_tried, 0.75);
}

TEST_F(Directions, BlurLowersTexture) {
  for (std::uint64_t i = 0; i < faces_tried; ++i) {
    const Drawn one = drawn(i);
    Measures before = measure(one);
    for (const double sigma : {1.0, 2.0, 4.0}) {
      cv::Mat blurred;
      cv::GaussianBlur(one.picture, blurred, {}, sigma);
      const Measures after = measure(one, blurred);
      EXPECT_LT(part(after, "texture", "detail"), part(before, "texture", "detail")) << i << " " << sigma;
      before = after;
    }
    EXPECT_LT(named(before, "texture").score, 0.5) << i;
    EXPECT_THAT(named(before, "texture").note, HasSubstr("less than in nearly all photographs"));
  }
}

/// The usual outline of the face (see aligned_face.cpp), so many times as large, in the picture.
cv::Mat usual_outline(const Drawn& one, double times) {
  const Similarity to_picture = align(one.face).value().to_frame.inverse();
  const double unit = times * to_picture.scale();
  const cv::Size2f size(static_cast<float>(140 * unit), static_cast<float>(184 * unit));
  const auto degrees = static_cast<float>(std::atan2(to_picture.a[1], to_picture.a[0]) * 180 / std::numbers::pi);
  cv::Mat mask(one.picture.size(), CV_8U, cv::Scalar(0));
  cv::ellipse(mask, cv::RotatedRect(to_picture({frame_middle, 143}), size, degrees), 255, cv::FILLED);
  return mask;
}

/// The face's inside made brighter or darker, away from what surrounds it, as a mask pasted without blending. Contrasts
/// are halved, so that nothing is clipped.
cv::Mat pasted(const Drawn& one, double difference) {
  const cv::Mat mask = usual_outline(one, 1), around = usual_outline(one, 1.2) & ~mask;
  cv::Mat result = one.picture / 2 + cv::Scalar::all(64), other;
  const bool darker = cv::sum(cv::mean(result, mask) - cv::mean(result, around))[0] < 0;
  result.convertTo(other, -1, 1, darker ? -difference : difference);
  other.copyTo(result, mask);
  return result;
}

TEST_F(Directions, APastedSeamLowersEdges) {
  for (std::uint64_t i = 0; i < faces_tried; ++i) {
    const Drawn one = drawn(i);
    const Measures without = measure(one, pasted(one, 0));
    double before = part(without, "edges", "outline");
    for (const double difference : {20.0, 40.0, 60.0}) {
      const Measures after = measure(one, pasted(one, difference));
      EXPECT_GT(part(after, "edges", "outline"), before) << i << " " << difference;
      before = part(after, "edges", "outline");
      if (difference == 60) {
        EXPECT_LT(named(after, "edges").score, 0.5) << i;
      }
    }
  }
}

/// The face's upper half lit from one side, the lower from the other.
cv::Mat lit_from_both_sides(const Drawn& one, double strength) {
  cv::Mat result = one.picture.clone();
  const cv::Point2d middle = one.at(one.look.yaw, 0.1);
  for (int y = 0; y < result.rows; ++y)
    for (int x = 0; x < result.cols; ++x) {
      const double side = std::clamp((x - middle.x) / one.look.half_width, -1.2, 1.2) * (y < middle.y ? -1 : 1);
      result.at<cv::Vec3b>(y, x) = result.at<cv::Vec3b>(y, x) * (0.75 * (1 + strength * side));
    }
  return result;
}

TEST_F(Directions, LightFromTwoSidesLowersLighting) {
  double before = faces_tried + 1;
  for (const double strength : {0.0, 0.25, 0.5, 0.75}) {
    double sum = 0;
    for (std::uint64_t i = 0; i < faces_tried; ++i) {
      const Drawn one = drawn(i);
      sum += named(measure(one, lit_from_both_sides(one, strength)), "lighting").score.value();
    }
    EXPECT_LE(sum, before) << strength;
    before = sum;
  }
  EXPECT_LT(before / faces_tried, 0.5);
}

TEST_F(Directions, ACheckerboardLowersNoise) {
  double without = 0, with = 0;
  for (std::uint64_t i = 0; i < 2 * faces_tried; ++i) {
    const Drawn one = drawn(i);
    Measures before = measure(one);
    without += named(before, "noise").score.value();
    for (const int strength : {2, 4, 8}) {
      cv::Mat checked = one.picture.clone();
      for (int y = 0; y < checked.rows; ++y)
        for (int x = 0; x < checked.cols; ++x)
          checked.at<cv::Vec3b>(y, x) += cv::Vec3b::all(static_cast<std::uint8_t>((x + y) % 2 * strength));
      const Measures after = measure(one, checked);
      EXPECT_GT(part(after, "noise", "pattern"), part(before, "noise", "pattern")) << i << " " << strength;
      before = after;
    }
    EXPECT_THAT(named(before, "noise").note, HasSubstr("regular pattern"));
    EXPECT_THAT(named(before, "noise").note, HasSubstr("more than in nearly all photographs"));
    with += named(before, "noise").score.value();
  }
  EXPECT_LT(with, without - 0.1 * 2 * faces_tried);
}

TEST_F(Directions, AMirroredPictureKeepsItsSymmetry) {
  for (std::uint64_t i = 0; i < faces_tried; ++i) {
    const Drawn one = drawn(i);
    cv::Mat mirrored;
    cv::flip(one.picture, mirrored, 1);
    Face face = one.face;
    const auto& p = *one.face.key_points;
    const auto across = [&](const cv::Point2f& q) {
      return cv::Point2f(static_cast<float>(mirrored.cols - 1) - q.x, q.y);
    };
    face.key_points = std::array<cv::Point2f, 5>{across(p[1]), across(p[0]), across(p[2]), across(p[4]), across(p[3])};
    const double before = named(measure(one), "symmetry").value.value();
    EXPECT_NEAR(named(measured(node_, face, mirrored), "symmetry").value.value(), before, 1e-3) << i;
  }
}

/// Both irises painted dark, with one highlight each; in the second eye it is shifted.
cv::Mat with_highlights(const Drawn& one, double shift) {
  cv::Mat result = one.picture.clone();
  for (const int eye : {0, 1}) {
    const cv::Point2f centre = (*one.face.key_points)[static_cast<std::size_t>(eye)];
    const double iris = 0.09 * one.look.half_width;
    cv::circle(result, centre, static_cast<int>(iris), cv::Scalar::all(30), cv::FILLED, cv::LINE_AA);
    const double away = eye == 0 ? 0.35 : 0.35 - shift;
    cv::circle(result, centre + cv::Point2f(static_cast<float>(away * iris), static_cast<float>(-0.2 * iris)),
               static_cast<int>(0.25 * iris), cv::Scalar::all(230), cv::FILLED, cv::LINE_AA);
  }
  return result;
}

TEST_F(Directions, TheSameHighlightInBothEyesRaisesThem) {
  for (std::uint64_t i = 0; i < faces_tried; ++i) {
    const Drawn one = drawn(i);
    const double same = named(measure(one, with_highlights(one, 0)), "eyes").value.value();
    const double near = named(measure(one, with_highlights(one, 0.25)), "eyes").value.value();
    const double far = named(measure(one, with_highlights(one, 0.8)), "eyes").value.value();
    EXPECT_GT(same, near) << i;
    EXPECT_GT(near, far) << i;
  }
}

TEST_F(Directions, ATurnedHeadLowersValidityNotTheScore) {
  for (std::uint64_t i = 0; i < faces_tried; ++i) {
    Drawn one = drawn(i);
    double validity = 2;
    const auto& p = *one.face.key_points;
    const cv::Point2f middle = (p[0] + p[1] + p[3] + p[4]) / 4, across = p[1] - p[0];
    const double score = named(measure(one), "symmetry").score.value();
    for (const float turn : {0.0f, 0.1f, 0.2f, 0.5f}) {
      (*one.face.key_points)[2] = middle + across * turn;
      const Measure symmetry = named(measure(one), "symmetry");
      EXPECT_LT(symmetry.validity, validity) << i << " " << turn;
      EXPECT_EQ(symmetry.score, score) << i << " " << turn;
      validity = symmetry.validity.value();
    }
    EXPECT_LT(validity, 0.1) << i;
  }
}

}  // namespace
}  // namespace dfpipe::heuristics
