#pragma once

#include "detector.hpp"
#include "model_files.hpp"

namespace dfpipe::face {

/// YuNet 2023mar (Wu et al., Machine Intelligence Research 2023): a convolutional network of 76 thousand weights that
/// finds faces from about 10 px, profiles and tilted heads too, with five key points. Run by OpenCV's cv::dnn with own
/// decoding, as OpenCV's FaceDetectorYN before 4.8 cannot. Scores are in [0,1]; 0.75 unless the options say otherwise.
/// Above 640 squared in pixels, unless the options say otherwise, a picture is reduced.
///
/// Throws std::runtime_error when `file` is no such network.
std::unique_ptr<FaceDetector> make_yunet_detector(const ModelFile& file, const DetectorOptions& options);

}  // namespace dfpipe::face
