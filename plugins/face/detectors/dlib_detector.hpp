#pragma once

#include "detector.hpp"

namespace dfpipe::face {

/// dlib's frontal face detector: five HOG filters over an image pyramid (King, "Max-Margin Object Detection", 2015; the
/// features are those of Felzenszwalb et al., 2010). Its weights are compiled into the library, so no file is needed.
/// The picture is doubled once, so faces from about 40 px are found. Scores begin at 0; 1 is a clear frontal face.
/// Above 1280 squared in pixels, unless the options say otherwise, a picture is reduced.
std::unique_ptr<FaceDetector> make_dlib_detector(const DetectorOptions& options);

}  // namespace dfpipe::face
