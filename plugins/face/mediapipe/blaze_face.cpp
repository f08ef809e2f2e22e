#include "blaze_face.hpp"

#include <ATen/ATen.h>

#include "network_input.hpp"
#include "roi.hpp"

namespace dfpipe::face {

BlazeFace::BlazeFace(tflite::Graph network)
    : network_(std::move(network)), side_(input_side(network_)), anchors_(blaze_anchors(side_)) {
  const auto count = static_cast<std::int64_t>(anchors_.size());
  if (network_.outputs() != std::vector<tflite::Shape>{{1, count, 16}, {1, count, 1}})
    throw tflite::FormatError("the face detector's outputs are not [1," + std::to_string(count) + ",16] and [1," +
                              std::to_string(count) + ",1]");
}

std::vector<Candidate> BlazeFace::candidates(const cv::Mat& input, double min_score) const {
  const std::vector<at::Tensor> out = network_.run({network_input(input, -1, 1)});
  const at::Tensor boxes = out[0].contiguous(), logits = out[1].contiguous();
  return decode({boxes.data_ptr<float>(), static_cast<std::size_t>(boxes.numel())},
                {logits.data_ptr<float>(), static_cast<std::size_t>(logits.numel())}, anchors_, side_, min_score);
}

std::vector<Candidate> BlazeFace::find(const cv::Mat& rgb, double min_score) const {
  const Roi whole = roi_of_picture(rgb.size());
  std::vector<Candidate> faces = weighted_suppression(candidates(cut_out(rgb, whole, side_, Border::black), min_score));
  // The square is not turned: its own coordinates are the picture's, moved and enlarged.
  const cv::Point2d corner = whole.centre - cv::Point2d(whole.width, whole.height) / 2;
  for (Candidate& face : faces) {
    face.box = {corner + face.box.tl() * whole.width, face.box.size() * whole.width};
    for (cv::Point2d& point : face.points) point = corner + point * whole.width;
  }
  return faces;
}

}  // namespace dfpipe::face
