#pragma once

#include "detector.hpp"
#include "model_files.hpp"

namespace dfpipe::face {

/// OpenCV's cascade of boosted Haar features, haarcascade_frontalface_alt (Viola and Jones, CVPR 2001; Lienhart and
/// Maydt, ICIP 2002): upright frontal faces from 24 px of the reduced picture. Grey with an equalised histogram, steps
/// of 1.1 in size, at least five agreeing windows. The score is the number of windows that agreed, 5 and more.
/// Above 640 squared in pixels, unless the options say otherwise, a picture is reduced.
///
/// Throws std::runtime_error when `file` is no cascade.
std::unique_ptr<FaceDetector> make_haar_detector(const ModelFile& file, const DetectorOptions& options);

}  // namespace dfpipe::face
