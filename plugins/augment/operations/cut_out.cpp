#include <cmath>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"

namespace dfpipe::augment {

Json draw_cut_out(Random& random, std::int64_t fewest, std::int64_t most, Range side) {
  Json boxes = Json::array();
  const std::int64_t count = draw_integer(random, fewest, most);
  for (std::int64_t i = 0; i < count; ++i) {
    const double width = side.draw(random), height = side.draw(random);
    const double x = random.uniform(0, 1 - width), y = random.uniform(0, 1 - height);
    boxes.push_back({x, y, width, height});
  }
  Json fill = Json::array();
  for (int c = 0; c < 3; ++c) fill.push_back(random.below(256));
  return {{"boxes", std::move(boxes)}, {"fill", std::move(fill)}};
}

cv::Mat cut_out(const cv::Mat& rgb, const Json& drawn, Rules) {
  cv::Mat out = rgb.clone();
  const auto fill = drawn.at("fill").get<std::vector<int>>();
  if (fill.size() != 3) refuse("fill is no colour");
  for (const Json& box : drawn.at("boxes")) {
    const auto share = box.get<std::vector<double>>();
    if (share.size() != 4) refuse("a box is no [x, y, width, height]");
    for (const double value : share)
      if (!(value >= 0 && value <= 1)) refuse("a box lies outside the picture");
    const cv::Rect place(cvFloor(share[0] * rgb.cols), cvFloor(share[1] * rgb.rows), cvCeil(share[2] * rgb.cols),
                         cvCeil(share[3] * rgb.rows));
    cv::Mat part = out(place & cv::Rect({0, 0}, rgb.size()));
    part.setTo(cv::Scalar(fill[0], fill[1], fill[2]));
  }
  return out;
}

}  // namespace dfpipe::augment
