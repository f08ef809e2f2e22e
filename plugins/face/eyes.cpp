#include "eyes.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "mesh_points.hpp"

namespace dfpipe::face {
namespace {

cv::Point2f flat(const cv::Point3f& point) { return {point.x, point.y}; }

cv::Point2f centre(std::span<const cv::Point3f> landmarks, const mesh::EyeRing& ring) {
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
  if (landmarks.size() != mesh::count)
    throw std::invalid_argument("a face has 478 landmarks, not " + std::to_string(landmarks.size()));
  return {centre(landmarks, mesh::right_eye), centre(landmarks, mesh::left_eye), flat(landmarks[mesh::nose_tip]),
          flat(landmarks[mesh::right_mouth_corner]), flat(landmarks[mesh::left_mouth_corner])};
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
