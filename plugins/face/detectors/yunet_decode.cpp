#include "yunet_decode.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>

#include "overlap.hpp"

namespace dfpipe::face {
namespace {

const float* values(const cv::Mat& tensor, std::size_t rows, std::size_t columns) {
  if (tensor.type() != CV_32F || tensor.total() != rows * columns || !tensor.isContinuous())
    throw std::invalid_argument("a tensor of YuNet has " + std::to_string(tensor.total()) + " values, not " +
                                std::to_string(rows) + " x " + std::to_string(columns));
  return tensor.ptr<float>();
}

bool finite(const Detection& face) {
  return std::isfinite(face.box.x + face.box.y + face.box.width + face.box.height) &&
         std::ranges::all_of(*face.key_points, [](const cv::Point2f& p) { return std::isfinite(p.x + p.y); });
}

}  // namespace

std::vector<Detection> decode_yunet(const YunetLevel& level, cv::Size padded, double min_score) {
  const int columns = padded.width / level.stride, rows = padded.height / level.stride;
  const auto places = static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  const float* face = values(level.face, places, 1);
  const float* object = values(level.object, places, 1);
  const float* box = values(level.box, places, 4);
  const float* points = values(level.key_points, places, 10);
  const double s = level.stride;

  std::vector<Detection> found;
  for (std::size_t i = 0; i < places; ++i) {
    const double score = std::sqrt(std::clamp<double>(face[i], 0, 1) * std::clamp<double>(object[i], 0, 1));
    if (!(score >= min_score)) continue;
    const double column = static_cast<double>(i % static_cast<std::size_t>(columns));
    const double row = static_cast<double>(i / static_cast<std::size_t>(columns));
    const float *b = box + 4 * i, *k = points + 10 * i;
    const double width = std::exp(static_cast<double>(b[2])) * s, height = std::exp(static_cast<double>(b[3])) * s;
    Detection one{.box = {(column + b[0]) * s - width / 2, (row + b[1]) * s - height / 2, width, height},
                  .score = score};
    auto& five = one.key_points.emplace();
    for (std::size_t p = 0; p < five.size(); ++p)
      five[p] = cv::Point2f(cv::Point2d((k[2 * p] + column) * s, (k[2 * p + 1] + row) * s));
    if (finite(one)) found.push_back(std::move(one));
  }
  return found;
}

std::vector<Detection> suppress_overlaps(std::vector<Detection> faces, double overlap) {
  // Equal scores happen; the place decides then, so that the result does not depend on the order of the levels.
  std::ranges::sort(faces, std::ranges::greater(),
                    [](const Detection& face) { return std::tuple(face.score, face.box.x, face.box.y); });
  std::vector<Detection> kept;
  for (Detection& face : faces)
    if (std::ranges::none_of(
            kept, [&](const Detection& surer) { return intersection_over_union(surer.box, face.box) > overlap; }))
      kept.push_back(std::move(face));
  return kept;
}

}  // namespace dfpipe::face
