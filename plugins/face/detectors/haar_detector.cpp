#include "haar_detector.hpp"

#include <opencv2/imgproc.hpp>

#include "cascade.hpp"
#include "reduced.hpp"

namespace dfpipe::face {
namespace {

constexpr double usual_side = 640;
constexpr double step = 1.1;
constexpr int agreeing = 5;
constexpr int smallest_side = 24;

class HaarDetector final : public FaceDetector {
 public:
  HaarDetector(const ModelFile& file, const DetectorOptions& options)
      : side_(options.max_side > 0 ? options.max_side : usual_side),
        min_score_(options.min_score),
        pool_([file] { return read_cascade(face_cascade_file, file); }) {
    pool_.lease();  // what is wrong with the file is said now
  }

  std::vector<Detection> detect(const cv::Mat& rgb) const override {
    const cv::Mat copy = reduced(rgb, side_);
    if (std::min(copy.cols, copy.rows) < smallest_side) return {};
    const cv::Point2d scale = reduction(rgb, copy);
    cv::Mat grey;
    cv::cvtColor(copy, grey, cv::COLOR_RGB2GRAY);
    cv::equalizeHist(grey, grey);
    std::vector<cv::Rect> boxes;
    std::vector<int> windows;
    pool_.lease()->detectMultiScale(grey, boxes, windows, step, agreeing, 0, {smallest_side, smallest_side});
    std::vector<Detection> faces;
    for (std::size_t i = 0; i < boxes.size(); ++i)
      if (windows[i] >= min_score_)
        faces.push_back(
            {.box = {boxes[i].x * scale.x, boxes[i].y * scale.y, boxes[i].width * scale.x, boxes[i].height * scale.y},
             .score = static_cast<double>(windows[i])});
    return faces;
  }

  std::string_view name() const override { return "haar"; }
  /// Medians over 74 faces that had both a box of this detector and landmarks.
  LandmarkBox landmark_box() const override { return {.dx = 0.01, .dy = 0.07, .width = 0.84, .height = 1.01}; }

 private:
  double side_, min_score_;
  mutable CascadePool pool_;
};

}  // namespace

std::unique_ptr<FaceDetector> make_haar_detector(const ModelFile& file, const DetectorOptions& options) {
  return std::make_unique<HaarDetector>(file, options);
}

}  // namespace dfpipe::face
