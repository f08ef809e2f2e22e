#include "network_input.hpp"

#include <ATen/ATen.h>

namespace dfpipe::face {

int input_side(const tflite::Graph& network) {
  const std::vector<tflite::Shape>& inputs = network.inputs();
  if (inputs.size() != 1 || inputs[0].size() != 4 || inputs[0][0] != 1 || inputs[0][1] != inputs[0][2] ||
      inputs[0][3] != 3 || inputs[0][1] < 16 || inputs[0][1] > 4096)
    throw tflite::FormatError("the network does not take one square picture [1,S,S,3]");
  return static_cast<int>(inputs[0][1]);
}

at::Tensor network_input(const cv::Mat& rgb, double low, double high) {
  at::Tensor tensor = at::empty({1, rgb.rows, rgb.cols, 3});
  cv::Mat view(rgb.rows, rgb.cols, CV_32FC3, tensor.data_ptr<float>());
  rgb.convertTo(view, CV_32FC3, (high - low) / 255, low);
  return tensor;
}

}  // namespace dfpipe::face
