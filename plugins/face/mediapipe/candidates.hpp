#pragma once

#include <array>
#include <opencv2/core/types.hpp>
#include <span>
#include <vector>

namespace dfpipe::face {

/// A face as MediaPipe's detector sees it, in units of the network's input: the square picture is 1 wide and high.
/// Points: eyes (image left, right), tip of the nose, middle of the mouth, ears (image left, right).
struct Candidate {
  double score = 0;  ///< [0,1]
  cv::Rect2d box;
  std::array<cv::Point2d, 6> points;
};

/// Where the short-range BlazeFace network's outputs lie on its input (Bazarevsky et al., arXiv 1907.05047; MediaPipe's
/// ssd_anchors with strides 8, 16, 16, 16): the middles of a grid's cells, row by row, each cell of `side / 8` twice,
/// then each of `side / 16` six times.
std::vector<cv::Point2d> blaze_anchors(int side);

/// Faces from the outputs `boxes` [anchors,16] (in pixels from the anchor) and `logits` [anchors], the score being the
/// logit's sigmoid. Those below `min_score`, of negative size or not finite are left out. In the anchors' order.
std::vector<Candidate> decode(std::span<const float> boxes, std::span<const float> logits,
                              std::span<const cv::Point2d> anchors, int side, double min_score);

/// MediaPipe's weighted suppression of doubles: the surest face, with box and points averaged over all that share more
/// than half of their union with it, weighted by score; then the same among those that are left. Surest first.
std::vector<Candidate> weighted_suppression(std::vector<Candidate> candidates);

}  // namespace dfpipe::face
