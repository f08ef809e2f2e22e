#include "detector.hpp"

namespace dfpipe::face {

FaceDetector::~FaceDetector() = default;

}  // namespace dfpipe::face
