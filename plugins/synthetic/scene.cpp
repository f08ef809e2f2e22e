#include "scene.hpp"

#include <opencv2/imgproc.hpp>

#include "face_painter.hpp"

namespace dfpipe::synthetic {
namespace {

cv::Scalar grey_tint(Random& random, double low, double high) {
  const double level = random.uniform(low, high);
  return {level * random.uniform(0.8, 1.2), level * random.uniform(0.8, 1.2), level * random.uniform(0.8, 1.2)};
}

/// A wall with soft shapes of these shades of grey, out of focus, brighter on one side.
cv::Mat background(Random& random, int side, int shapes, double dark, double bright) {
  cv::Mat canvas(side, side, CV_32FC3, grey_tint(random, 0.12, 0.5));
  const auto anywhere = [&] { return static_cast<int>(random.below(static_cast<std::uint64_t>(side))); };
  for (int i = 0; i < shapes; ++i) {
    const cv::Point at(anywhere(), anywhere());
    const cv::Size size(side / 16 + anywhere() / 4, side / 16 + anywhere() / 3);
    cv::rectangle(canvas, cv::Rect(at, size), grey_tint(random, dark, bright), cv::FILLED);
  }
  cv::GaussianBlur(canvas, canvas, {}, side * random.uniform(0.02, 0.05));
  const double tilt = random.uniform(-0.3, 0.3);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) canvas.at<cv::Vec3f>(y, x) *= static_cast<float>(1 + tilt * (2.0 * x / side - 1));
  return canvas;
}

/// Large soft shadows and lights, as of leaves or blinds.
cv::Mat random_shade(Random& random, int side) {
  cv::Mat coarse(5, 5, CV_32F), shade;
  for (int y = 0; y < coarse.rows; ++y)
    for (int x = 0; x < coarse.cols; ++x) coarse.at<float>(y, x) = static_cast<float>(random.uniform(0.35, 1.5));
  cv::resize(coarse, shade, {side, side}, 0, 0, cv::INTER_CUBIC);
  return cv::max(shade, 0.3);
}

void apply_shade(cv::Mat& canvas, const cv::Mat& shade) {
  for (int y = 0; y < canvas.rows; ++y)
    for (int x = 0; x < canvas.cols; ++x) canvas.at<cv::Vec3f>(y, x) *= shade.at<float>(y, x);
}

/// Half the width of each of `faces` faces, as a share of the picture's side.
std::pair<double, double> size_range(int faces) {
  if (faces <= 1) return {0.2, 0.27};
  const double most = 0.36 / faces;
  return {0.8 * most, most};
}

}  // namespace

Scene random_scene(Random& random, int side, int faces) {
  Scene scene{background(random, side, 7, 0.05, 0.6), {}, {}};
  const auto [small, large] = size_range(faces);
  for (int i = 0; i < faces; ++i) {
    const double half_width = side * random.uniform(small, large);
    const double slot = static_cast<double>(side) / faces;
    const cv::Point2d centre(slot * (i + 0.5 + random.uniform(-0.04, 0.04)), side * random.uniform(0.46, 0.54));
    scene.faces.push_back(random_look(random, centre, half_width));
  }
  for (const FaceLook& look : scene.faces) paint_face(scene.canvas, look);
  return scene;
}

Scene random_portrait(Random& random, int side, int clutter) {
  Scene scene{background(random, side, clutter, 0.01, 0.9), {}, {}};
  const double half_width = side * random.uniform(0.31, 0.39);
  cv::Point2d centre;
  centre.x = side * random.uniform(0.44, 0.56);
  centre.y = side * random.uniform(0.40, 0.50);  // the box reaches from the brows to the chin, which is further away
  FaceLook look = random_look(random, centre, half_width);
  look.roll = random.uniform(-0.3, 0.3);
  look.yaw = random.uniform(-0.15, 0.15);
  const double from_side = random.uniform(-1, 1), from_above = random.uniform(-0.9, 0.1);
  look.light = cv::normalize(cv::Vec3d(from_side, from_above, 1));
  look.ambient = random.uniform(0.2, 0.5);
  scene.faces.push_back(look);
  paint_face(scene.canvas, look);
  scene.shade = random_shade(random, side);
  apply_shade(scene.canvas, scene.shade);
  return scene;
}

Scene with_other_faces(Random& random, const Scene& scene) {
  Scene other{scene.canvas.clone(), {}, scene.shade};
  if (!scene.shade.empty()) apply_shade(other.canvas, 1 / scene.shade);
  for (const FaceLook& face : scene.faces) {
    FaceLook look = random_look(random, face.centre, face.half_width);
    look.roll = face.roll;
    look.yaw = face.yaw;
    look.skin = look.skin * 0.3f + face.skin * 0.7f;  // a forger takes a donor whose skin is not far off
    other.faces.push_back(look);
    paint_face(other.canvas, look);
  }
  if (!other.shade.empty()) apply_shade(other.canvas, other.shade);
  return other;
}

}  // namespace dfpipe::synthetic
