#include "aligned_face.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "mesh_points.hpp"

namespace dfpipe::heuristics {
namespace {

const cv::Size frame(frame_side, frame_side);

/// Whether a place lies on the picture's pixels.
bool on_picture(const cv::Point2d& p, cv::Size picture) {
  return p.x > -0.5 && p.y > -0.5 && p.x < picture.width - 0.5 && p.y < picture.height - 0.5;
}

/// Where the frame's pixels lie on the picture.
cv::Mat present_pixels(const Similarity& to_picture, cv::Size picture) {
  // A pixel beyond each corner, so that rounding decides nothing: with these all are there.
  constexpr double low = -1, high = frame_side;
  const std::array corners{cv::Point2d(low, low), cv::Point2d(high, low), cv::Point2d(low, high),
                           cv::Point2d(high, high)};
  if (std::ranges::all_of(corners, [&](const cv::Point2d& p) { return on_picture(to_picture(p), picture); }))
    return {frame, CV_8U, cv::Scalar(255)};
  cv::Mat present(frame, CV_8U);
  for (int y = 0; y < frame_side; ++y) {
    auto* row = present.ptr<std::uint8_t>(y);
    for (int x = 0; x < frame_side; ++x) row[x] = on_picture(to_picture(cv::Point2d(x, y)), picture) ? 255 : 0;
  }
  return present;
}

cv::Mat usual_face() {
  cv::Mat mask(frame, CV_8U, cv::Scalar(0));
  constexpr int shift = 4;
  constexpr double one = 1 << shift;
  cv::ellipse(mask, cv::Point2d(frame_middle * one, 143 * one), cv::Size2d(70 * one, 92 * one), 0, 0, 360, 255,
              cv::FILLED, cv::LINE_8, shift);
  return mask;
}

/// The face's oval; none where there are no landmarks, or none that make an oval.
std::optional<cv::Mat> face_oval(const Face& face, const Alignment& alignment) {
  if (alignment.anchor != Anchor::landmarks) return std::nullopt;
  std::vector<cv::Point2f> oval, hull;
  for (const std::size_t i : mesh::oval) {
    const cv::Point2d p = alignment.to_frame(cv::Point2d(face.landmarks[i].x, face.landmarks[i].y));
    if (!(std::abs(p.x) < 10 * frame_side && std::abs(p.y) < 10 * frame_side)) return std::nullopt;
    oval.emplace_back(p);
  }
  cv::convexHull(oval, hull);
  if (cv::contourArea(hull) < 0.05 * frame.area()) return std::nullopt;
  constexpr int shift = 4;
  std::vector<cv::Point> fine;
  for (const cv::Point2f& p : hull) fine.emplace_back(cv::Point2f(p.x * (1 << shift), p.y * (1 << shift)));
  cv::Mat mask(frame, CV_8U, cv::Scalar(0));
  cv::fillConvexPoly(mask, fine, 255, cv::LINE_8, shift);
  if (cv::countNonZero(mask) == frame.area()) return std::nullopt;
  return mask;
}

cv::Mat signed_distance(const cv::Mat& mask) {
  cv::Mat outside, in, out;
  cv::bitwise_not(mask, outside);
  cv::distanceTransform(mask, in, cv::DIST_L2, cv::DIST_MASK_5);
  cv::distanceTransform(outside, out, cv::DIST_L2, cv::DIST_MASK_5);
  return out - in;
}

cv::Mat distance_from_outline(const Face& face, const Alignment& alignment) {
  static const cv::Mat usual = signed_distance(usual_face());
  const std::optional<cv::Mat> oval = face_oval(face, alignment);
  return oval ? signed_distance(*oval) : usual;
}

/// 255 on what is no skin in the usual face: eyes with brows, mouth.
const cv::Mat& features_of_a_face() {
  static const cv::Mat features = [] {
    cv::Mat mask(frame, CV_8U, cv::Scalar(0));
    for (int i = 0; i < 2; ++i)
      cv::ellipse(mask, cv::Point(template_points[static_cast<std::size_t>(i)]) - cv::Point(0, 6), {27, 20}, 0, 0, 360,
                  255, cv::FILLED);
    cv::ellipse(mask, {frame_side / 2, 193}, {36, 20}, 0, 0, 360, 255, cv::FILLED);
    return mask;
  }();
  return features;
}

int median_of(const std::array<int, 256>& histogram, int count) {
  int value = 0;
  for (int seen = histogram[0]; 2 * seen < count && value < 255;) seen += histogram[static_cast<std::size_t>(++value)];
  return value;
}

/// Pixels of a colour channel near its median over the mask: within three robust deviations, at least 10 levels.
///
/// Fixed bounds of Cr and Cb, as they are often given for skin, fail on grey pictures and in coloured light.
cv::Mat near_median(const cv::Mat& channel, const cv::Mat& mask) {
  std::array<int, 256> values{}, deviations{};
  int count = 0;
  for (int y = 0; y < channel.rows; ++y)
    for (int x = 0; x < channel.cols; ++x)
      if (mask.at<std::uint8_t>(y, x) != 0) ++values[channel.at<std::uint8_t>(y, x)], ++count;
  const int median = median_of(values, count);
  for (int v = 0; v < 256; ++v)
    deviations[static_cast<std::size_t>(std::abs(v - median))] += values[static_cast<std::size_t>(v)];
  const double reach = std::max(10.0, 3 * 1.4826 * median_of(deviations, count));
  cv::Mat near;
  cv::inRange(channel, cv::Scalar(median - reach), cv::Scalar(median + reach), near);
  return near;
}

/// Inside the outline, on the picture, no eye, brow or mouth, neither black nor clipped, of the face's usual colour.
cv::Mat skin_pixels(const AlignedFace& face) {
  cv::Mat skin = face.distance < -4, ycc, channel;
  skin &= face.present;
  skin.setTo(0, features_of_a_face());
  skin &= face.grey > 0.02;
  skin &= face.grey < 0.98;
  if (cv::countNonZero(skin) == 0) return skin;
  cv::cvtColor(face.rgb, ycc, cv::COLOR_RGB2YCrCb);
  const cv::Mat all = skin.clone();
  for (const int i : {1, 2}) {
    cv::extractChannel(ycc, channel, i);
    skin &= near_median(channel, all);
  }
  return skin;
}

/// The pixels of the picture under a view, two more on each side.
cv::Rect area_under(const Similarity& to_picture, int side, cv::Size picture) {
  cv::Point2d low(1e9, 1e9), high(-1e9, -1e9);
  for (const cv::Point2d corner :
       {cv::Point2d(0, 0), cv::Point2d(side - 1, 0), cv::Point2d(0, side - 1), cv::Point2d(side - 1, side - 1)}) {
    const cv::Point2d p = to_picture(corner);
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const auto clamped = [](double v, int limit) { return static_cast<int>(std::clamp<double>(v, 0, limit)); };
  const cv::Point first(clamped(std::floor(low.x) - 2, picture.width), clamped(std::floor(low.y) - 2, picture.height));
  const cv::Point last(clamped(std::ceil(high.x) + 3, picture.width), clamped(std::ceil(high.y) + 3, picture.height));
  return {first, last};
}

/// A piece of the picture, made smaller.
struct Reduced {
  cv::Rect area;   ///< of the picture
  cv::Mat pixels;  ///< all of it, possibly on fewer pixels
};

/// Brings an area near `scale`, since bilinear sampling of a picture that becomes much smaller skips pixels. Halving is
/// several times as fast as any other reduction by area, so it comes first.
Reduced reduced(const cv::Mat& picture, cv::Rect area, double scale) {
  int halvings = 0;
  while (scale * (1 << halvings) < 0.375 && halvings < 10) ++halvings;
  area.width -= area.width % (1 << halvings);
  area.height -= area.height % (1 << halvings);
  if (area.empty()) return {};
  cv::Mat pixels = picture(area);
  const auto reduce_to = [&](cv::Size size) {
    cv::Mat smaller;
    cv::resize(pixels, smaller, size, 0, 0, cv::INTER_AREA);
    pixels = smaller;
  };
  for (int i = 0; i < halvings; ++i) reduce_to(pixels.size() / 2);
  if (scale * (1 << halvings) < 0.75) {
    const auto shorter = [&](int of) { return std::max(1, static_cast<int>(std::lround(of * scale))); };
    reduce_to({shorter(area.width), shorter(area.height)});
  }
  return {area, pixels};
}

}  // namespace

double AlignedFace::size_validity(double pixels) const { return std::min(1.0, alignment.face_width / pixels); }

cv::Mat luma(const cv::Mat& rgb) {
  cv::Mat grey, out;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(out, CV_32F, 1 / 255.0);
  return out;
}

cv::Mat view(const cv::Mat& picture, const Similarity& to_view, int side) {
  const Similarity to_picture = to_view.inverse();
  const Reduced seen = reduced(picture, area_under(to_picture, side, picture.size()), to_view.scale());
  if (seen.pixels.empty()) return {};
  const double kx = static_cast<double>(seen.pixels.cols) / seen.area.width;
  const double ky = static_cast<double>(seen.pixels.rows) / seen.area.height;
  const auto& [a, b] = to_picture;
  const cv::Matx23d map(a[0] * kx, -a[1] * kx, (b[0] - seen.area.x + 0.5) * kx - 0.5,  //
                        a[1] * ky, a[0] * ky, (b[1] - seen.area.y + 0.5) * ky - 0.5);
  cv::Mat out;
  cv::warpAffine(seen.pixels, out, map, {side, side}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
  return out;
}

std::variant<AlignedFace, NoFace> aligned_face(const Face& face, const cv::Mat& picture) {
  const auto alignment = align(face);
  if (!alignment) return NoFace{"the face has no usable place"};
  AlignedFace result{.alignment = *alignment, .picture = picture};
  result.present = present_pixels(alignment->to_frame.inverse(), picture.size());
  result.distance = distance_from_outline(face, *alignment);
  const cv::Mat inside = result.distance < 0;
  const double area = std::max(1, cv::countNonZero(inside));
  result.visible = cv::countNonZero(inside & result.present) / area;
  if (result.visible < 0.5) return NoFace{"most of the face lies outside the picture"};
  result.rgb = view(picture, alignment->to_frame, frame_side);
  result.grey = luma(result.rgb);
  result.skin = skin_pixels(result);
  result.skin_share = cv::countNonZero(result.skin) / area;
  return result;
}

}  // namespace dfpipe::heuristics
