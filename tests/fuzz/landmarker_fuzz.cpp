#include <ATen/ATen.h>

#include "blaze_face.hpp"
#include "error.hpp"
#include "face_mesh.hpp"
#include "landmarker_task.hpp"

/// A landmarker file is refused, or a picture can be shown to it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::face;
  static const cv::Mat picture(60, 80, CV_8UC3, cv::Scalar(90, 120, 150));
  try {
    LandmarkerTask task = LandmarkerTask::read(std::as_bytes(std::span(data, size)), "input");
    if (task.detector.multiply_adds() + task.landmarker.multiply_adds() > 1 << 20) return 0;
    const BlazeFace detector(std::move(task.detector));
    const FaceMesh mesh(std::move(task.landmarker));
    for (const Candidate& face : detector.find(picture, 0.01)) {
      const Detection detection{.box = face.box, .score = face.score};
      mesh.look(picture, roi_of_box(face.box, {face.points[0], face.points[1]}));
      mesh.find(picture, detection, {});
    }
  } catch (const dfpipe::tflite::FormatError&) {  // anything else is a finding
  } catch (const dfpipe::detector::ModelError&) {
  }
  return 0;
}
