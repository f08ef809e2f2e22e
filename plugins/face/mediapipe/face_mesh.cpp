#include "face_mesh.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "network_input.hpp"

namespace dfpipe::face {

FaceMesh::FaceMesh(tflite::Graph network) : network_(std::move(network)), side_(input_side(network_)) {
  const std::vector<tflite::Shape>& outputs = network_.outputs();
  if (outputs.size() < 2 || tflite::element_count(outputs[0]) != static_cast<std::int64_t>(3 * points) ||
      tflite::element_count(outputs[1]) != 1)
    throw tflite::FormatError("the landmark network's outputs are not 478 points and a presence");
}

FaceMesh::Result FaceMesh::look_at_input(const cv::Mat& input) const {
  const std::vector<at::Tensor> out = network_.run({network_input(input, 0, 1)});
  const at::Tensor numbers = out[0].contiguous();
  const float* const at = numbers.data_ptr<float>();
  const auto logit = out[1].item<double>();
  if (!std::isfinite(logit) || !std::all_of(at, at + 3 * points, [](float v) { return std::isfinite(v); })) return {};
  Result result{.landmarks = {}, .presence = 1 / (1 + std::exp(-logit))};
  result.landmarks.reserve(points);
  for (std::size_t i = 0; i < points; ++i) result.landmarks.emplace_back(at[3 * i], at[3 * i + 1], at[3 * i + 2]);
  return result;
}

FaceMesh::Result FaceMesh::look(const cv::Mat& rgb, const Roi& roi) const {
  if (!roi.is_usable()) return {};
  Result result = look_at_input(cut_out(rgb, roi, side_, Border::replicate));
  const cv::Matx23d to_picture = roi.to_picture();
  for (cv::Point3f& point : result.landmarks) {
    const cv::Vec2d place =
        to_picture * cv::Vec3d(static_cast<double>(point.x) / side_, static_cast<double>(point.y) / side_, 1);
    point = {static_cast<float>(place[0]), static_cast<float>(place[1]),
             static_cast<float>(point.z / side_ * roi.width)};
  }
  return result;
}

FaceMesh::Result FaceMesh::find(const cv::Mat& rgb, const Detection& face, const LandmarkBox& usual) const {
  Result first = look(rgb, roi_of_detection(face, usual));
  if (first.landmarks.empty()) return first;
  return look(rgb, roi_of_landmarks(first.landmarks));
}

}  // namespace dfpipe::face
