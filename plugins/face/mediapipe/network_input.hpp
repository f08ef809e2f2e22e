#pragma once

#include <ATen/core/Tensor.h>

#include <opencv2/core/mat.hpp>

#include "graph.hpp"

namespace dfpipe::face {

/// The side S of a network that takes one square picture [1,S,S,3]. Throws tflite::FormatError for any other.
int input_side(const tflite::Graph& network);

/// [1,S,S,3] float32 of a [S,S,3] uint8 picture: 0 becomes `low`, 255 `high`.
at::Tensor network_input(const cv::Mat& rgb, double low, double high);

}  // namespace dfpipe::face
