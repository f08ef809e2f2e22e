#include "yunet_detector.hpp"

#include <algorithm>
#include <opencv2/dnn.hpp>
#include <stdexcept>
#include <utility>

#include "onnx_file.hpp"
#include "pool.hpp"
#include "reduced.hpp"
#include "yunet_decode.hpp"

namespace dfpipe::face {
namespace {

constexpr double usual_side = 640;
constexpr double usual_score = 0.75;
constexpr double overlap = 0.3;
constexpr int strides[] = {8, 16, 32};

std::vector<cv::String> output_names() {
  std::vector<cv::String> names;
  for (const int stride : strides)
    for (const char* kind : {"cls_", "obj_", "bbox_", "kps_"}) names.push_back(kind + std::to_string(stride));
  return names;
}

using NetPool = Pool<cv::dnn::Net, std::pair<int, int>>;

class YunetDetector final : public FaceDetector {
 public:
  YunetDetector(const ModelFile& file, const DetectorOptions& options)
      : side_(options.max_side > 0 ? options.max_side : usual_side),
        min_score_(options.min_score > 0 ? options.min_score : usual_score),
        pool_([bytes = file.bytes] {
          return std::make_unique<cv::dnn::Net>(cv::dnn::readNetFromONNX(bytes.data(), bytes.size()));
        }) {}

  std::vector<Detection> detect(const cv::Mat& rgb) const override {
    const cv::Mat copy = reduced(rgb, side_);
    const cv::Point2d scale = reduction(rgb, copy);
    std::vector<Detection> faces = suppress_overlaps(search(copy), overlap);
    for (Detection& face : faces) {
      face.box = {face.box.x * scale.x, face.box.y * scale.y, face.box.width * scale.x, face.box.height * scale.y};
      for (cv::Point2f& point : *face.key_points)
        point = cv::Point2f(cv::Point2d(point.x * scale.x, point.y * scale.y));
    }
    return faces;
  }

  std::string_view name() const override { return "yunet"; }
  bool gives_key_points() const override { return true; }
  /// Medians over 86 faces that had both a box of this detector and landmarks.
  LandmarkBox landmark_box() const override { return {.dy = 0.05, .width = 1.02, .height = 0.91}; }

 private:
  std::vector<Detection> search(const cv::Mat& rgb) const {
    // Two places of the coarsest level at least: on a single row or column the depthwise filters of OpenCV 4.6 read
    // beyond their input.
    const auto padded = [](int length) { return std::max((length + 31) / 32 * 32, 64); };
    cv::Mat picture = cv::Mat::zeros(padded(rgb.rows), padded(rgb.cols), CV_8UC3);
    cv::Mat place = picture(cv::Rect({0, 0}, rgb.size()));
    rgb.copyTo(place);
    const cv::Mat input = cv::dnn::blobFromImage(picture, 1, {}, {}, true);

    // The outputs are the network's own buffers, so the lease lasts until they are decoded.
    const auto net = pool_.lease({picture.cols, picture.rows});
    std::vector<cv::Mat> out;
    net->setInput(input);
    net->forward(out, names_);
    std::vector<Detection> faces;
    for (std::size_t i = 0; i < std::size(strides); ++i) {
      const YunetLevel level{strides[i], out[4 * i], out[4 * i + 1], out[4 * i + 2], out[4 * i + 3]};
      for (Detection& face : decode_yunet(level, picture.size(), min_score_)) faces.push_back(std::move(face));
    }
    return faces;
  }

  double side_, min_score_;
  std::vector<cv::String> names_ = output_names();
  mutable NetPool pool_;
};

}  // namespace

std::unique_ptr<FaceDetector> make_yunet_detector(const ModelFile& file, const DetectorOptions& options) {
  if (const std::string wrong = what_is_wrong_with_onnx(file.bytes); !wrong.empty())
    refuse_model_file(yunet_file, file.path, wrong);
  auto detector = std::make_unique<YunetDetector>(file, options);
  try {
    detector->detect(cv::Mat::zeros(64, 96, CV_8UC3));
  } catch (const std::exception&) {  // OpenCV's message tells of its own source lines only
    refuse_model_file(yunet_file, file.path, "is an ONNX network, but not YuNet of 2023mar with its twelve outputs");
  }
  return detector;
}

}  // namespace dfpipe::face
