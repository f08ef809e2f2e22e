#include "scene.hpp"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "face_painter.hpp"

namespace dfpipe::synthetic {
namespace {

cv::Scalar grey_tint(Random& random, double low, double high) {
  const double level = random.uniform(low, high);
  return {level * random.uniform(0.8, 1.2), level * random.uniform(0.8, 1.2), level * random.uniform(0.8, 1.2)};
}

/// A wall with soft shapes, out of focus, brighter on one side.
cv::Mat background(Random& random, int side) {
  cv::Mat canvas(side, side, CV_32FC3, grey_tint(random, 0.12, 0.5));
  const auto anywhere = [&] { return static_cast<int>(random.below(static_cast<std::uint64_t>(side))); };
  for (int i = 0; i < 7; ++i) {
    const cv::Point at(anywhere(), anywhere());
    const cv::Size size(side / 16 + anywhere() / 4, side / 16 + anywhere() / 3);
    cv::rectangle(canvas, cv::Rect(at, size), grey_tint(random, 0.05, 0.6), cv::FILLED);
  }
  cv::GaussianBlur(canvas, canvas, {}, side * random.uniform(0.02, 0.05));
  const double tilt = random.uniform(-0.3, 0.3);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) canvas.at<cv::Vec3f>(y, x) *= static_cast<float>(1 + tilt * (2.0 * x / side - 1));
  return canvas;
}

/// Half the width of each of `faces` faces, as a share of the picture's side.
std::pair<double, double> size_range(int faces) {
  if (faces <= 1) return {0.2, 0.27};
  const double most = 0.36 / faces;
  return {0.8 * most, most};
}

}  // namespace

Scene random_scene(Random& random, int side, int faces) {
  Scene scene{background(random, side), {}};
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

Scene with_other_faces(Random& random, const Scene& scene) {
  Scene other{scene.canvas.clone(), {}};
  for (const FaceLook& face : scene.faces) {
    FaceLook look = random_look(random, face.centre, face.half_width);
    look.roll = face.roll;
    look.yaw = face.yaw;
    look.skin = look.skin * 0.3f + face.skin * 0.7f;  // a forger takes a donor whose skin is not far off
    other.faces.push_back(look);
    paint_face(other.canvas, look);
  }
  return other;
}

cv::Mat photograph(Random& random, const cv::Mat& canvas) {
  cv::Mat seen;
  cv::GaussianBlur(canvas, seen, {}, random.uniform(0.5, 0.9));
  const double shot = random.uniform(0.00004, 0.00015), read = random.uniform(0.001, 0.004);
  for (int y = 0; y < seen.rows; ++y)
    for (int x = 0; x < seen.cols; ++x)
      for (float& light : seen.at<cv::Vec3f>(y, x).val) {
        light = std::max(light, 0.0f);
        light = std::max(light + static_cast<float>(random.normal() * std::sqrt(shot * light + read * read)), 0.0f);
      }
  cv::pow(seen, 1 / 2.2, seen);
  cv::Mat picture;
  seen.convertTo(picture, CV_8U, 255);
  return picture;
}

}  // namespace dfpipe::synthetic
