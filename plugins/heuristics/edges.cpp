#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "measuring.hpp"

namespace dfpipe::heuristics {
namespace {

struct Zone {
  double mean = 0;   ///< of the gradient's magnitude, brightness over pixels
  double share = 0;  ///< how much of the zone the picture shows
};

Zone zone(const cv::Mat& gradient, const AlignedFace& face, double from, double to) {
  const cv::Mat whole = (face.distance > from) & (face.distance <= to);
  const cv::Mat seen = whole & face.present;
  return {cv::mean(gradient, seen)[0], cv::countNonZero(seen) / std::max(1.0, 1.0 * cv::countNonZero(whole))};
}

/// Size of the brightness gradient's part that runs across the outline, as a seam's does; hair and beard have less of
/// it than of gradient at all. [256,256] float.
cv::Mat gradient_across(const AlignedFace& face) {
  cv::Mat dx, dy, nx, ny, length;
  cv::Sobel(face.grey, dx, CV_32F, 1, 0, 3, 1 / 8.0);
  cv::Sobel(face.grey, dy, CV_32F, 0, 1, 3, 1 / 8.0);
  cv::Sobel(face.distance, nx, CV_32F, 1, 0, 3, 1 / 8.0);
  cv::Sobel(face.distance, ny, CV_32F, 0, 1, 3, 1 / 8.0);
  cv::magnitude(nx, ny, length);
  return cv::abs(dx.mul(nx) + dy.mul(ny)) / (length + 1e-6);
}

}  // namespace

Raw edges(const AlignedFace& face) {
  if (face.alignment.anchor == Anchor::box) return {{}, 0, "needs the positions of the eyes"};
  const cv::Mat gradient = gradient_across(face);
  const Zone outline = zone(gradient, face, -6, 6), inner = zone(gradient, face, -18, -6),
             outer = zone(gradient, face, 6, 18);
  const double seen = std::min({outline.share, inner.share, outer.share});
  if (seen < 0.5) return {{}, 0, "the face's outline lies outside the picture"};

  constexpr double least = 1e-3;  // a quarter of a grey level a pixel
  const double contrast = std::log2((outline.mean + least) / ((inner.mean + outer.mean) / 2 + least));
  Raw raw{{contrast}, seen * face.size_validity(96) * (face.alignment.anchor == Anchor::landmarks ? 1 : 0.7), ""};
  if (raw.validity < 0.5) raw.doubt = seen < 0.75 ? "part of the outline is outside the picture" : "the face is small";
  return raw;
}

}  // namespace dfpipe::heuristics
