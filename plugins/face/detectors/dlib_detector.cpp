#include "dlib_detector.hpp"

// The only file that includes dlib: its templates take about fifteen seconds to compile.
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms/image_pyramid.h>
#include <dlib/opencv/cv_image.h>

#include <opencv2/imgproc.hpp>
#include <variant>

#include "pool.hpp"
#include "reduced.hpp"

namespace dfpipe::face {
namespace {

/// Unpacked once for the process: that takes a third of a second.
const dlib::frontal_face_detector& compiled_in_detector() {
  static const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  return detector;
}

constexpr double usual_side = 1280;

/// A window is 80 px of the doubled picture and may hang half over the border.
constexpr int smallest_side = 20;

class DlibDetector final : public FaceDetector {
 public:
  explicit DlibDetector(const DetectorOptions& options)
      : side_(options.max_side > 0 ? options.max_side : usual_side), min_score_(options.min_score) {
    compiled_in_detector();
  }

  std::vector<Detection> detect(const cv::Mat& rgb) const override {
    const cv::Mat copy = reduced(rgb, side_);
    if (std::min(copy.cols, copy.rows) < smallest_side) return {};
    cv::Mat grey;  // on colour the same filters take twice the time and find a false face among the photographs tried
    cv::cvtColor(copy, grey, cv::COLOR_RGB2GRAY);
    dlib::array2d<unsigned char> doubled;
    const dlib::pyramid_down<2> pyramid;
    dlib::pyramid_up(dlib::cv_image<unsigned char>(grey), doubled, pyramid);

    std::vector<dlib::rect_detection> found;
    (*pool_.lease())(doubled, found, min_score_);

    const auto [sx, sy] = reduction(rgb, grey);
    std::vector<Detection> faces;
    for (const dlib::rect_detection& one : found) {
      const dlib::drectangle box = pyramid.rect_down(dlib::drectangle(one.rect));
      faces.push_back({.box = {box.left() * sx, box.top() * sy, box.width() * sx, box.height() * sy},
                       .score = one.detection_confidence});
    }
    return faces;
  }

  std::string_view name() const override { return "dlib"; }
  /// Medians over 83 faces that had both a box of this detector and landmarks.
  LandmarkBox landmark_box() const override { return {.width = 0.92, .height = 1.09}; }

 private:
  double side_, min_score_;
  /// dlib's object keeps the picture's features while it runs.
  mutable Pool<dlib::frontal_face_detector, std::monostate> pool_{
      [] { return std::make_unique<dlib::frontal_face_detector>(compiled_in_detector()); }};
};

}  // namespace

std::unique_ptr<FaceDetector> make_dlib_detector(const DetectorOptions& options) {
  return std::make_unique<DlibDetector>(options);
}

}  // namespace dfpipe::face
