#include "eyes.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace dfpipe::face {
namespace {

using Ring = std::array<std::size_t, 16>;
constexpr Ring image_left_ring{33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173};
constexpr Ring image_right_ring{263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398};
constexpr std::size_t nose_tip = 1, image_left_mouth_corner = 61, image_right_mouth_corner = 291;
constexpr std::size_t landmark_count = 478;

cv::Point2f flat(const cv::Point3f& point) { return {point.x, point.y}; }

cv::Point2f centre(std::span<const cv::Point3f> landmarks, const Ring& ring) {
  cv::Point2f sum;
  for (const std::size_t i : ring) sum += flat(landmarks[i]);
  return sum / static_cast<float>(ring.size());
}

bool can_be_eyes(const cv::Point2f& left, const cv::Point2f& right, const cv::Rect2d& box) {
  constexpr double steepest = 25 * std::numbers::pi / 180;
  const cv::Point2f along = right - left;
  const double apart = std::hypot(along.x, along.y) / box.width;
  const double middle = ((left.x + right.x) / 2 - box.x) / box.width;
  return along.x > 0 && std::abs(std::atan2(along.y, along.x)) <= steepest && apart >= 0.25 && apart <= 0.65 &&
         std::abs(middle - 0.5) <= 0.2;
}

}  // namespace

FivePoints five_points(std::span<const cv::Point3f> landmarks) {
  if (landmarks.size() != landmark_count)
    throw std::invalid_argument("a face has 478 landmarks, not " + std::to_string(landmarks.size()));
  return {centre(landmarks, image_left_ring), centre(landmarks, image_right_ring), flat(landmarks[nose_tip]),
          flat(landmarks[image_left_mouth_corner]), flat(landmarks[image_right_mouth_corner])};
}

std::optional<Eyes> known_eyes(const Detection& face) {
  if (!face.landmarks.empty()) {
    const FivePoints five = five_points(face.landmarks);
    return Eyes{five[0], five[1]};
  }
  if (face.key_points) return Eyes{(*face.key_points)[0], (*face.key_points)[1]};
  return std::nullopt;
}

std::optional<Eyes> surest_pair(const std::vector<EyeCandidate>& candidates, const cv::Rect2d& box) {
  std::optional<Eyes> best;
  double certainty = 0;
  for (const EyeCandidate& left : candidates)
    for (const EyeCandidate& right : candidates) {
      const double both = left.certainty + right.certainty;
      if (!can_be_eyes(left.centre, right.centre, box) || (best && both <= certainty)) continue;
      best = Eyes{left.centre, right.centre};
      certainty = both;
    }
  return best;
}

}  // namespace dfpipe::face
