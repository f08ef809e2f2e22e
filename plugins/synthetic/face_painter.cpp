#include "face_painter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace dfpipe::synthetic {
namespace {

/// Where things lie below or above the face's centre.
constexpr double crown = -1.5, chin = 1.3, eye_line = -0.2, nose_base = 0.38, mouth_line = 0.7;

double square(double x) { return x * x; }

/// A soft spot of height 1.
double spot(double u, double v, double at_u, double at_v, double wide, double high) {
  const double q = square((u - at_u) / wide) + square((v - at_v) / high);
  return q > 18 ? 0 : std::exp(-0.5 * q);
}

/// 0 below `low`, 1 above `high`, smooth between.
double step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

/// One face's geometry and colours in its own coordinates: u to the image's right, v down, both in half face widths.
class FaceShape {
 public:
  explicit FaceShape(const FaceLook& look) : look_(look) {}

  /// Half the head's width at height v; negative above and below it.
  double half_width(double v) const {
    if (v < crown || v > chin) return -1;
    if (v < 0) return std::sqrt(1 - square(v / crown));
    const double roundness = 2.1 + 0.7 * look_.jaw;
    return std::pow(1 - std::pow(v / chin, roundness), 0.62 - 0.14 * look_.jaw);
  }

  double height(double u, double v) const {
    const double f = u - look_.yaw, side = std::abs(f), eye = look_.eye_distance;
    const double length = look_.nose_length, wide = look_.nose_width;
    double h = 0.85 * std::sqrt(std::max(0.0, 1 - square(u / 1.04) - square(v / 1.55)));
    h += 0.26 * spot(f, v, 0, 0.14 * length, 0.105 * wide, 0.26 * length);
    h += 0.17 * spot(f, v, 0, 0.3 * length, 0.13 * wide, 0.11);
    h += 0.10 * spot(side, v, 0.18 * wide, 0.34 * length, 0.07, 0.07);
    h -= 0.17 * spot(side, v, eye - 0.03, eye_line, 0.2, 0.13);
    h += 0.06 * spot(side, v, eye, eye_line, 0.13, 0.085);
    h += 0.06 * spot(side, v, eye, eye_line - look_.brow_height, 0.3, 0.085);
    h += 0.07 * spot(side, v, 0.55, 0.25, 0.24, 0.22);
    h += 0.055 * spot(f, v, 0, mouth_line - 0.08, 0.24, 0.05);
    h += 0.07 * look_.lip_fullness * spot(f, v, 0, mouth_line + 0.08, 0.2, 0.065);
    h -= 0.05 * spot(f, v, 0, mouth_line + 0.22, 0.2, 0.06);
    h += 0.09 * spot(f, v, 0, 1.08, 0.2, 0.13);
    return h;
  }

  /// Where light is kept away, 1 where it is not.
  double openness(double u, double v) const {
    const double f = u - look_.yaw, side = std::abs(f);
    double dark = 0.35 * spot(side, v, look_.eye_distance - 0.14, eye_line - 0.03, 0.1, 0.1);
    dark += 0.28 * spot(side, v, look_.eye_distance, eye_line - 0.09, 0.2, 0.05);
    dark += 0.35 * spot(f, v, 0, nose_base * look_.nose_length + 0.09, 0.17 * look_.nose_width, 0.045);
    dark += 0.3 * spot(f, v, 0, mouth_line + 0.2, 0.2, 0.04);
    dark += 0.18 * spot(side, v, 0.3 + 0.12 * (v - 0.3), 0.5, 0.03, 0.14);
    return 1 - std::min(dark, 0.8);
  }

  Colour colour(double u, double v, double grain) const {
    const double f = u - look_.yaw, side = std::abs(f);
    Colour c = look_.skin * static_cast<float>(1 + look_.skin_texture * grain);
    const double blush = 0.2 * spot(side, v, 0.5, 0.25, 0.22, 0.18) + 0.2 * spot(f, v, 0, 0.32, 0.14, 0.1);
    c = over(c, {c[0], c[1] * 0.72f, c[2] * 0.7f}, blush);
    if (look_.beard > 0) c = over(c, look_.hair, look_.beard * beard(f, v) * (1 + 0.5 * grain));
    paint_mouth(c, f, v);
    c = over(c, look_.skin * 0.06f, nostrils(side, v));
    c = over(c, look_.hair * 0.8f, 0.92 * brow(side, v) * (1 + 0.2 * grain));
    paint_eye(c, f < 0 ? -1 : 1, side, v);
    return c;
  }

  /// How much hair covers the head here: 1 is all.
  double hair(double u, double v, double grain) const {
    const double line = -0.86 + look_.hairline + 0.55 * square(u) * std::abs(u) + 0.05 * grain;
    const double crown_hair = step(-0.06, 0.06, line - v);
    const double temples = step(0.86, 0.98, std::abs(u) + 0.03 * grain) * step(0.25, 0.05, v);
    return std::max(crown_hair, temples);
  }

 private:
  static Colour over(const Colour& below, const Colour& above, double alpha) {
    const auto a = static_cast<float>(std::clamp(alpha, 0.0, 1.0));
    return below * (1 - a) + above * a;
  }

  double brow(double side, double v) const {
    const double t = (side - look_.eye_distance - 0.02) / 0.27;
    const double line = eye_line - look_.brow_height + 0.09 * square(t - 0.15) - 0.01;
    const double thickness = look_.brow_thickness * (1 - 0.45 * step(0.1, 1, t));
    return std::exp(-0.5 * square((v - line) / (0.6 * thickness))) * step(1.15, 0.75, std::abs(t));
  }

  void paint_eye(Colour& c, int which, double side, double v) const {
    const double x = (side - look_.eye_distance) / 0.19, y = v - eye_line;
    if (std::abs(x) > 1.5 || std::abs(y) > 0.3) return;
    const double arch = std::max(0.0, 1 - square(x));
    const double upper = -look_.eye_opening * arch, lower = 0.62 * look_.eye_opening * arch;
    const double inside =
        step(upper - 0.012, upper + 0.012, y) * step(lower + 0.012, lower - 0.012, y) * step(1.04, 0.94, std::abs(x));
    Colour ball(0.62f, 0.58f, 0.56f);
    ball *= static_cast<float>(0.62 + 0.38 * step(upper, upper + 0.09, y));
    const double gaze = 0.2 * look_.yaw * which;
    const double from_iris = std::hypot((x - gaze) * 0.19, y + 0.01);
    ball = over(ball, look_.iris, step(0.098, 0.082, from_iris));
    ball = over(ball, Colour::all(0.006f), step(0.048, 0.038, from_iris));
    ball = over(ball, Colour::all(0.95f), 0.9 * spot(which * (x - gaze) * 0.19, y, -0.025, -0.035, 0.014, 0.014));
    c = over(c, ball, inside);
    const double lash = std::exp(-0.5 * square((y - upper + 0.008) / 0.02)) * step(1.2, 0.95, std::abs(x));
    c = over(c, look_.hair * 0.3f, 0.9 * lash);
    c = over(c, look_.skin * 0.35f,
             0.45 * std::exp(-0.5 * square((y - lower - 0.008) / 0.013)) * step(1.1, 0.9, std::abs(x)));
    c = over(c, look_.skin * 0.4f,
             0.45 * std::exp(-0.5 * square((y - upper + 0.06) / 0.014)) * step(1.15, 0.8, std::abs(x)));
  }

  void paint_mouth(Colour& c, double f, double v) const {
    const double x = f / look_.mouth_width;
    if (std::abs(x) > 1.3) return;
    const double line = mouth_line - look_.smile * square(x) + 0.012 * std::cos(6 * x);
    const double arch = std::max(0.0, 1 - square(x)), y = v - line;
    const double upper = 0.075 * look_.lip_fullness * arch * (1 - 0.25 * std::exp(-square(x / 0.15)));
    const double lower = 0.105 * look_.lip_fullness * std::sqrt(arch) * arch;
    const double inside = step(-upper - 0.015, -upper + 0.015, y) * step(lower + 0.02, lower - 0.02, y);
    c = over(c, look_.lips, 0.85 * inside * step(1.05, 0.9, std::abs(x)));
    c = over(c, look_.lips * 0.12f, 0.85 * std::exp(-0.5 * square(y / 0.017)) * step(1.1, 0.95, std::abs(x)));
  }

  double nostrils(double side, double v) const {
    return 0.8 * spot(side, v, 0.1 * look_.nose_width, nose_base * look_.nose_length + 0.035, 0.045, 0.026);
  }

  double beard(double f, double v) const {
    const double jaw = step(0.35, 0.75, v + 0.25 * square(f));
    const double moustache = spot(f, v, 0, mouth_line - 0.16, 0.28, 0.05);
    return std::max(jaw * (1 - 0.6 * spot(f, v, 0, mouth_line, 0.3, 0.09)), moustache);
  }

  const FaceLook& look_;
};

/// Random texture, smooth over `across` by `along` pixels, standard deviation 1.
cv::Mat grain_field(cv::Size size, std::uint64_t key, double across, double along) {
  Random random(key);
  cv::Mat field(size, CV_32F);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) field.at<float>(y, x) = static_cast<float>(random.normal());
  cv::GaussianBlur(field, field, {}, across, along);
  // What a Gaussian of these widths leaves of white noise.
  return field * (2 * std::sqrt(std::numbers::pi * across * along));
}

/// The part of the canvas that the head can reach, and its own coordinates there.
class Place {
 public:
  Place(const FaceLook& look, cv::Size canvas) : look_(look), cos_(std::cos(look.roll)), sin_(std::sin(look.roll)) {
    const double reach = 2.6 * look.half_width;
    const auto at = [](double x) { return static_cast<int>(std::floor(x)); };
    area = cv::Rect(at(look.centre.x - reach), at(look.centre.y - reach), at(2 * reach), canvas.height * 4) &
           cv::Rect({0, 0}, canvas);
  }

  /// Of the pixel in column x, row y of `area`.
  cv::Point2d operator()(int x, int y) const {
    const double dx = (area.x + x + 0.5 - look_.centre.x) / look_.half_width;
    const double dy = (area.y + y + 0.5 - look_.centre.y) / look_.half_width;
    return {cos_ * dx + sin_ * dy, cos_ * dy - sin_ * dx};
  }

  cv::Rect area;

 private:
  const FaceLook& look_;
  double cos_, sin_;
};

void blend(cv::Vec3f& pixel, const Colour& colour, double alpha) {
  const auto a = static_cast<float>(std::clamp(alpha, 0.0, 1.0));
  pixel = pixel * (1 - a) + colour * a;
}

/// Hair behind the head, neck and shoulders.
void paint_body(cv::Vec3f& pixel, const FaceLook& look, double u, double v, double grain) {
  const double long_hair = 0.4 + 1.5 * look.hair_length;
  const double behind = v < -0.2 ? std::hypot(u / 1.13, (v + 0.2) / 1.5) : std::abs(u) / (1.13 + 0.06 * (v + 0.2));
  const double hair = step(1.02, 0.96, behind + 0.02 * grain) * step(long_hair + 0.1, long_hair - 0.1, v);
  blend(pixel, look.hair * static_cast<float>(0.75 + 0.2 * grain), hair);
  const double neck_shade = 0.35 + 0.3 * step(1.2, 1.9, v);
  blend(pixel, look.skin * static_cast<float>(neck_shade), step(0.62, 0.56, std::abs(u)) * step(0.6, 0.8, v));
  const double shoulder = 1.75 + 0.28 * square(u) - 0.22 * step(0.25, 0.7, std::abs(u));
  blend(pixel, look.clothes * static_cast<float>(0.75 - 0.12 * u * look.light[0] + 0.03 * grain),
        step(shoulder - 0.03, shoulder + 0.03, v) * step(2.45, 2.3, std::abs(u)));
}

/// Surface normals of the face, in the picture's own directions, one for each pixel of the place.
cv::Mat normals(const FaceShape& shape, const Place& place, double half_width) {
  const cv::Size size = place.area.size();
  cv::Mat heights(size.height + 1, size.width + 1, CV_64F), result(size, CV_64FC3);
  for (int y = 0; y < heights.rows; ++y)
    for (int x = 0; x < heights.cols; ++x) {
      const auto [u, v] = place(x, y);
      heights.at<double>(y, x) = half_width * shape.height(u, v);
    }
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const double h = heights.at<double>(y, x);
      result.at<cv::Vec3d>(y, x) =
          cv::normalize(cv::Vec3d(h - heights.at<double>(y, x + 1), h - heights.at<double>(y + 1, x), 1));
    }
  return result;
}

}  // namespace

void paint_face(cv::Mat& canvas, const FaceLook& look) {
  const Place place(look, canvas.size());
  if (place.area.empty()) return;
  const FaceShape shape(look);
  const double fine = std::max(0.6, look.half_width / 100);
  const cv::Mat pores = grain_field(place.area.size(), look.grain, fine, fine);
  const cv::Mat strands = grain_field(place.area.size(), look.grain + 1, fine, 9 * fine);
  const cv::Mat normal = normals(shape, place, look.half_width);
  cv::Mat view = canvas(place.area);
  const double soft = 1.2 / look.half_width;
  for (int y = 0; y < view.rows; ++y)
    for (int x = 0; x < view.cols; ++x) {
      const auto [u, v] = place(x, y);
      auto& pixel = view.at<cv::Vec3f>(y, x);
      const double strand = strands.at<float>(y, x);
      paint_body(pixel, look, u, v, strand);
      const double inside = step(-soft, soft, shape.half_width(v) - std::abs(u));
      if (inside <= 0) continue;
      const double lambert = std::max(0.0, normal.at<cv::Vec3d>(y, x).dot(look.light));
      const double light = (look.ambient + (1 - look.ambient) * lambert) * shape.openness(u, v);
      cv::Vec3f head = shape.colour(u, v, pores.at<float>(y, x)) * static_cast<float>(light);
      blend(head, look.hair * static_cast<float>((0.5 + 0.5 * lambert) * (1 + 0.22 * strand)),
            shape.hair(u, v, strand));
      blend(pixel, head, inside);
    }
}

cv::Mat inner_face_mask(cv::Size canvas, const FaceLook& look, double feather) {
  cv::Mat mask(canvas, CV_32F, cv::Scalar(0));
  const Place place(look, canvas);
  for (int y = 0; y < place.area.height; ++y)
    for (int x = 0; x < place.area.width; ++x) {
      const auto [u, v] = place(x, y);
      const double out = std::hypot((u - look.yaw) / 0.78, (v - 0.22) / 0.92) - 1;
      mask.at<float>(place.area.y + y, place.area.x + x) = static_cast<float>(step(feather, -feather, out));
    }
  return mask;
}

}  // namespace dfpipe::synthetic
