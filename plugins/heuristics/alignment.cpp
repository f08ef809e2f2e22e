#include "alignment.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mesh_points.hpp"

namespace dfpipe::heuristics {
namespace {

using Eyes = std::array<cv::Point2d, 2>;

// Beyond it a coordinate is no place in a picture, and squares of it lose their digits.
constexpr double farthest = 1e6;
constexpr double smallest_eye_distance = 2;

bool usable(std::span<const cv::Point2d> points) {
  return std::ranges::all_of(points, [](const cv::Point2d& p) {
    return std::abs(p.x) < farthest && std::abs(p.y) < farthest;  // false for what is not a number
  });
}

double yaw(const Eyes& eyes, const cv::Point2d& nose) {
  return (cv::norm(nose - eyes[0]) - cv::norm(nose - eyes[1])) / cv::norm(eyes[1] - eyes[0]);
}

/// From the eyes, and the mouth's corners where they are given.
std::optional<Alignment> by_points(Anchor anchor, std::span<const cv::Point2d> points,
                                   const std::optional<cv::Point2d>& nose) {
  if (!usable(points)) return std::nullopt;
  const Eyes eyes{points[0], points[1]};
  if (cv::norm(eyes[1] - eyes[0]) < smallest_eye_distance) return std::nullopt;
  const auto found = fit_similarity(points, std::span(template_points).first(points.size()));
  if (!found) return std::nullopt;
  Alignment result{anchor, *found, eyes, std::nullopt, template_face_width / found->scale()};
  if (nose && usable({&*nose, 1})) result.yaw = yaw(eyes, *nose);
  return result;
}

std::optional<Alignment> by_landmarks(const Face& face) {
  if (face.landmarks.size() != mesh::count) return std::nullopt;
  const auto at = [&](std::size_t i) { return cv::Point2d(face.landmarks[i].x, face.landmarks[i].y); };
  return by_points(Anchor::landmarks,
                   std::array{at(mesh::right_iris.centre), at(mesh::left_iris.centre), at(mesh::right_mouth_corner),
                              at(mesh::left_mouth_corner)},
                   at(mesh::above_nose_tip));
}

std::optional<Alignment> by_key_points(const Face& face) {
  if (!face.key_points) return std::nullopt;
  const auto& p = *face.key_points;
  return by_points(Anchor::key_points, std::array<cv::Point2d, 4>{p[0], p[1], p[3], p[4]}, p[2]);
}

std::optional<Alignment> by_eyes(const Face& face) {
  if (!face.eyes) return std::nullopt;
  return by_points(Anchor::eyes, std::array<cv::Point2d, 2>{(*face.eyes)[0], (*face.eyes)[1]}, std::nullopt);
}

std::optional<Alignment> by_box(const Face& face) {
  const cv::Rect2d box = face.crop_box;
  if (!(box.width > 0 && box.height > 0)) return std::nullopt;
  const double scale = frame_side / std::max(box.width, box.height);
  const cv::Point2d centre((box.x + box.width / 2 - 0.5) * scale, (box.y + box.height / 2 - 0.5) * scale);
  return Alignment{Anchor::box,
                   {{scale, 0}, {frame_middle - centre.x, frame_middle - centre.y}},
                   std::nullopt,
                   std::nullopt,
                   template_face_width / scale};
}

}  // namespace

std::optional<Alignment> align(const Face& face) {
  if (auto found = by_landmarks(face)) return found;
  if (auto found = by_key_points(face)) return found;
  if (auto found = by_eyes(face)) return found;
  return by_box(face);
}

}  // namespace dfpipe::heuristics
