#include "candidates.hpp"

#include <algorithm>
#include <cmath>

#include "overlap.hpp"

namespace dfpipe::face {
namespace {

Candidate weighted_mean(std::span<const Candidate> alike) {
  Candidate mean{.score = alike.front().score, .box = {}, .points = {}};
  double total = 0;
  cv::Point2d low, high;
  for (const Candidate& one : alike) {
    total += one.score;
    low += one.score * one.box.tl();
    high += one.score * one.box.br();
    for (std::size_t i = 0; i < mean.points.size(); ++i) mean.points[i] += one.score * one.points[i];
  }
  mean.box = {low / total, high / total};
  for (cv::Point2d& point : mean.points) point /= total;
  return mean;
}

}  // namespace

std::vector<cv::Point2d> blaze_anchors(int side) {
  std::vector<cv::Point2d> anchors;
  for (const auto& [stride, repeats] : {std::pair{8, 2}, {16, 6}}) {
    const int cells = side / stride;
    for (int y = 0; y < cells; ++y)
      for (int x = 0; x < cells; ++x)
        anchors.insert(anchors.end(), static_cast<std::size_t>(repeats), {(x + 0.5) / cells, (y + 0.5) / cells});
  }
  return anchors;
}

std::vector<Candidate> decode(std::span<const float> boxes, std::span<const float> logits,
                              std::span<const cv::Point2d> anchors, int side, double min_score) {
  constexpr std::size_t numbers = 16;
  std::vector<Candidate> found;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const double score = 1 / (1 + std::exp(-std::clamp(static_cast<double>(logits[i]), -100.0, 100.0)));
    if (!(score >= min_score)) continue;
    const std::span<const float> r = boxes.subspan(i * numbers, numbers);
    const auto point = [&](std::size_t at) { return cv::Point2d(r[at], r[at + 1]) / side + anchors[i]; };
    const double width = r[2] / side, height = r[3] / side;
    if (!std::ranges::all_of(r, [](float v) { return std::isfinite(v); }) || width < 0 || height < 0) continue;
    Candidate one{
        .score = score, .box = {point(0) - cv::Point2d(width, height) / 2, cv::Size2d(width, height)}, .points = {}};
    for (std::size_t k = 0; k < one.points.size(); ++k) one.points[k] = point(4 + 2 * k);
    found.push_back(one);
  }
  return found;
}

std::vector<Candidate> weighted_suppression(std::vector<Candidate> candidates) {
  std::ranges::stable_sort(candidates, std::ranges::greater(), &Candidate::score);
  std::vector<Candidate> faces;
  while (!candidates.empty()) {
    const cv::Rect2d top = candidates.front().box;
    const auto others = std::stable_partition(candidates.begin() + 1, candidates.end(), [&](const Candidate& other) {
      return intersection_over_union(top, other.box) > 0.5;
    });
    faces.push_back(weighted_mean({candidates.begin(), others}));
    candidates.erase(candidates.begin(), others);
  }
  return faces;
}

}  // namespace dfpipe::face
