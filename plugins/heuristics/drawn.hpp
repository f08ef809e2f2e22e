#pragma once

#include <map>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "camera.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "scene.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

/// Drawn faces, whose geometry is known, for the tests of the calibrated measures.
namespace dfpipe::heuristics {

struct Drawn {
  cv::Mat picture;  ///< [512,512,3] uint8 RGB
  Face face;
  synthetic::FaceLook look;

  /// A place of the face's own coordinates (half face widths; u to the right, v down) in the picture.
  cv::Point2d at(double u, double v) const {
    const double c = std::cos(look.roll), s = std::sin(look.roll);
    return look.centre + look.half_width * cv::Point2d(c * u - s * v, s * u + c * v);
  }
};

inline Drawn draw(std::uint64_t number) {
  Random random(Random::hash("heuristics"), number);
  const synthetic::Scene scene = synthetic::random_scene(random, 512, 1);
  Drawn result{synthetic::photograph(random, scene.canvas, synthetic::camera("plain")), {}, scene.faces.front()};
  const auto& look = result.look;
  const double half = look.half_width, yaw = look.yaw, mouth = 0.7 - look.smile;
  result.face.box = {look.centre.x - half, look.centre.y - 1.1 * half, 2 * half, 2.4 * half};
  result.face.crop_box = cv::Rect(result.face.box) & cv::Rect({0, 0}, result.picture.size());
  result.face.crop.pixels = result.picture(result.face.crop_box).clone();
  result.face.key_points =
      std::array<cv::Point2f, 5>{result.at(yaw - look.eye_distance, -0.2), result.at(yaw + look.eye_distance, -0.2),
                                 result.at(yaw, 0.3 * look.nose_length), result.at(yaw - look.mouth_width, mouth),
                                 result.at(yaw + look.mouth_width, mouth)};
  return result;
}

/// Face `number`, always the same. Pictures are copied, so that a test may write into its own.
inline Drawn drawn(std::uint64_t number) {
  static std::map<std::uint64_t, Drawn> all;
  auto found = all.find(number);
  if (found == all.end()) found = all.emplace(number, draw(number)).first;
  Drawn copy = found->second;
  copy.picture = copy.picture.clone();
  return copy;
}

inline Measures measured(testing::NodeRunner& node, const Face& face, const cv::Mat& picture) {
  return node.in("face", face).in("image", Image{picture}).run().get<Measures>("measures");
}

inline Measures measured(const Face& face, const cv::Mat& picture) {
  testing::NodeRunner node("heuristics");
  return measured(node, face, picture);
}

inline const Measure& named(const Measures& all, const std::string& name) {
  for (const Measure& one : all.all)
    if (one.name == name) return one;
  throw std::out_of_range(name);
}

inline double part(const Measures& all, const std::string& measure, const std::string& part) {
  for (const MeasurePart& one : named(all, measure).parts)
    if (one.name == part) return one.value.value();
  throw std::out_of_range(measure + "." + part);
}

}  // namespace dfpipe::heuristics
