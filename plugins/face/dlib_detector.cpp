#include "dlib_detector.hpp"

// The only file that includes dlib: its templates take about fifteen seconds to compile.
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms/image_pyramid.h>
#include <dlib/opencv/cv_image.h>

#include <cmath>
#include <mutex>
#include <opencv2/imgproc.hpp>

namespace dfpipe::face {
namespace {

/// Unpacked once for the process: that takes a third of a second.
const dlib::frontal_face_detector& compiled_in_detector() {
  static const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  return detector;
}

/// Hands detector objects out: dlib's keeps the picture's features while it runs, so each call in flight needs its own.
/// There are never more of them than there were calls at once, and they go with the pool.
class Pool {
 public:
  using Detector = dlib::frontal_face_detector;

  Pool() { compiled_in_detector(); }

  class Lease {
   public:
    explicit Lease(Pool& pool) : pool_(pool), detector_(pool.take()) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give(std::move(detector_)); }
    Detector& operator*() const { return *detector_; }

   private:
    Pool& pool_;
    std::unique_ptr<Detector> detector_;
  };

 private:
  std::unique_ptr<Detector> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Detector> detector = std::move(idle_.back());
        idle_.pop_back();
        return detector;
      }
    }
    return std::make_unique<Detector>(compiled_in_detector());
  }

  void give(std::unique_ptr<Detector> detector) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(detector));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Detector>> idle_;
};

/// A window is 80 px of the doubled picture and may hang half over the border.
constexpr int smallest_side = 20;

class DlibDetector final : public FaceDetector {
 public:
  explicit DlibDetector(const DetectorOptions& options) : max_side_(options.max_side) {}

  std::vector<Detection> detect(const cv::Mat& rgb) const override {
    if (std::min(rgb.cols, rgb.rows) < smallest_side) return {};
    const cv::Mat grey = reduced_grey(rgb);
    dlib::array2d<unsigned char> doubled;
    const dlib::pyramid_down<2> pyramid;
    dlib::pyramid_up(dlib::cv_image<unsigned char>(grey), doubled, pyramid);

    std::vector<dlib::rect_detection> found;
    (*Pool::Lease(pool_))(doubled, found);

    const double sx = static_cast<double>(rgb.cols) / grey.cols, sy = static_cast<double>(rgb.rows) / grey.rows;
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
  /// Grey: on colour the same filters take twice the time and find a false face among the photographs tried.
  cv::Mat reduced_grey(const cv::Mat& rgb) const {
    const double scale = max_side_ / std::sqrt(static_cast<double>(rgb.cols) * rgb.rows);
    const auto side = [&](int of) { return std::max(1, static_cast<int>(std::lround(of * scale))); };
    cv::Mat reduced = rgb;
    if (scale < 1) cv::resize(rgb, reduced, {side(rgb.cols), side(rgb.rows)}, 0, 0, cv::INTER_AREA);
    cv::Mat grey;
    cv::cvtColor(reduced, grey, cv::COLOR_RGB2GRAY);
    return grey;
  }

  double max_side_;
  mutable Pool pool_;
};

}  // namespace

std::unique_ptr<FaceDetector> make_dlib_detector(const DetectorOptions& options) {
  return std::make_unique<DlibDetector>(options);
}

}  // namespace dfpipe::face
