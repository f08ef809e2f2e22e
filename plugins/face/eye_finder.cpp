#include "eye_finder.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace dfpipe::face {
namespace {

constexpr double searched_share = 0.6;
constexpr double widest = 200;
constexpr double step = 1.1;
constexpr int agreeing = 3;

/// The whole pixels of the box's upper part that lie in the picture.
cv::Rect upper_part(const cv::Rect2d& box, cv::Size picture) {
  const auto cut = [](double value, int most) {
    return static_cast<int>(std::clamp(std::round(value), 0.0, static_cast<double>(most)));
  };
  const cv::Point low(cut(box.x, picture.width), cut(box.y, picture.height));
  const cv::Point high(cut(box.x + box.width, picture.width), cut(box.y + searched_share * box.height, picture.height));
  return {low, high};
}

}  // namespace

EyeFinder::EyeFinder(const ModelFile& file) : pool_([file] { return read_cascade(eye_cascade_file, file); }) {
  pool_.lease();  // what is wrong with the file is said now
}

std::optional<Eyes> EyeFinder::find(const cv::Mat& rgb, const cv::Rect2d& box) const {
  const cv::Rect part = upper_part(box, rgb.size());
  const double scale = std::min(1.0, widest / box.width);
  const cv::Size size(static_cast<int>(part.width * scale), static_cast<int>(part.height * scale));
  const int smallest = std::max(12, static_cast<int>(std::lround(0.12 * scale * box.width)));
  if (std::min(size.width, size.height) < smallest) return std::nullopt;
  cv::Mat grey;
  cv::resize(rgb(part), grey, size, 0, 0, cv::INTER_AREA);
  cv::cvtColor(grey, grey, cv::COLOR_RGB2GRAY);
  cv::equalizeHist(grey, grey);

  std::vector<cv::Rect> boxes;
  std::vector<int> windows;
  const int largest = static_cast<int>(std::lround(0.45 * scale * box.width));
  pool_.lease()->detectMultiScale(grey, boxes, windows, step, agreeing, 0, {smallest, smallest}, {largest, largest});
  std::vector<EyeCandidate> candidates;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const cv::Point2d centre(boxes[i].x + boxes[i].width / 2.0, boxes[i].y + boxes[i].height / 2.0);
    candidates.push_back({cv::Point2f(cv::Point2d(centre.x / scale + part.x, centre.y / scale + part.y)),
                          static_cast<double>(windows[i])});
  }
  return surest_pair(candidates, box);
}

}  // namespace dfpipe::face
