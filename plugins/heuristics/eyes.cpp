#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "measuring.hpp"
#include "mesh_points.hpp"

namespace dfpipe::heuristics {
namespace {

// Each eye is seen upright in a view of its own in which its iris has this radius.
constexpr int view_side = 64;
constexpr double view_radius = 14, view_middle = (view_side - 1) / 2.0;
/// Of an iris over the distance of the pupils: 11.7 mm of 63 mm in two.
constexpr double usual_radius = 0.093;
/// A highlight is this much brighter than the iris. Hu et al. take a fifth; that finds the pattern of light irises too.
constexpr double brighter = 0.35, least_brighter = 0.12;

struct Iris {
  cv::Point2d centre;  ///< in the picture
  double radius = 0;   ///< in the picture's pixels
};

struct Eye {
  cv::Mat highlights;  ///< [64,64] uint8 0 or 255
  double brightness = 0;
  cv::Vec3f lab;
};

/// The iris without its rim and without what the lids may cover.
cv::Mat open_iris(const cv::Point2d& centre) {
  cv::Mat mask(view_side, view_side, CV_8U, cv::Scalar(0));
  constexpr int shift = 4;
  constexpr double one = 1 << shift;
  cv::circle(mask, cv::Point(centre * one), static_cast<int>(0.8 * view_radius * one), 255, cv::FILLED, cv::LINE_8,
             shift);
  const int top = static_cast<int>(centre.y - 0.6 * view_radius),
            bottom = static_cast<int>(centre.y + 0.6 * view_radius);
  mask.rowRange(0, std::clamp(top, 0, view_side)).setTo(0);
  mask.rowRange(std::clamp(bottom + 1, 0, view_side), view_side).setTo(0);
  return mask;
}

/// What speaks against a place as an iris's centre for being away from the middle of the view: [64,64] float.
const cv::Mat& remoteness() {
  static const cv::Mat all = [] {
    cv::Mat penalty(view_side, view_side, CV_32F);
    for (int y = 0; y < view_side; ++y)
      for (int x = 0; x < view_side; ++x)
        penalty.at<float>(y, x) = static_cast<float>(
            0.15 * (std::pow(x - view_middle, 2) + std::pow(y - view_middle, 2)) / std::pow(view_radius, 2));
    return penalty;
  }();
  return all;
}

/// Centres that are no landmarks may miss the iris by its radius: it is the dark disc near them between bright flanks.
/// Darkness alone would find the brow.
cv::Point2d iris_centre(const cv::Mat& grey) {
  constexpr int reach = 16, flank = 20;
  cv::Mat wide, disc, sides;
  cv::copyMakeBorder(grey, wide, 0, 0, flank, flank, cv::BORDER_REPLICATE);
  cv::boxFilter(grey, disc, CV_32F, {19, 19});
  cv::boxFilter(wide, sides, CV_32F, {9, 9});
  const cv::Mat left = sides.colRange(0, view_side), right = sides.colRange(2 * flank, 2 * flank + view_side);
  const cv::Mat likeness = (left + right) / 2 - 2 * disc - remoteness();
  const cv::Rect near(view_side / 2 - reach, view_side / 2 - reach, 2 * reach, 2 * reach);
  cv::Point at;
  cv::minMaxLoc(likeness(near), nullptr, nullptr, nullptr, &at);
  return at + near.tl();
}

cv::Vec3f to_lab(const cv::Scalar& rgb) {
  cv::Mat one(1, 1, CV_32FC3,
              cv::Vec3f(static_cast<float>(rgb[0]), static_cast<float>(rgb[1]), static_cast<float>(rgb[2])) / 255),
      lab;
  cv::cvtColor(one, lab, cv::COLOR_RGB2Lab);
  return lab.at<cv::Vec3f>(0, 0);
}

/// `turn` is the unit complex number that makes the face upright.
Eye look_at(const AlignedFace& face, const Iris& iris, const cv::Vec2d& turn) {
  Similarity to_view{turn * (view_radius / iris.radius), {0, 0}};
  const cv::Point2d moved = to_view(iris.centre);
  to_view.b = {view_middle - moved.x, view_middle - moved.y};
  const cv::Mat rgb = view(face.picture, to_view, view_side), grey = luma(rgb);
  const bool known = face.alignment.anchor == Anchor::landmarks;
  const cv::Mat mask = open_iris(known ? cv::Point2d(view_middle, view_middle) : iris_centre(grey));

  Eye eye;
  eye.brightness = cv::mean(grey, mask)[0];
  eye.highlights = (grey > eye.brightness + std::max(brighter * eye.brightness, least_brighter)) & mask;
  eye.lab = to_lab(cv::mean(rgb, mask & ~eye.highlights));
  return eye;
}

/// Overlap of two masks over their union; a pixel beside the other mask counts as on it.
std::optional<double> overlap(const cv::Mat& one, const cv::Mat& other) {
  const int all = cv::countNonZero(one | other);
  if (all == 0) return std::nullopt;
  cv::Mat wide_one, wide_other;
  cv::dilate(one, wide_one, cv::Mat());
  cv::dilate(other, wide_other, cv::Mat());
  return static_cast<double>(cv::countNonZero((wide_one & other) | (one & wide_other))) / all;
}

double distance(const Face& face, std::size_t i, std::size_t j) {
  const cv::Point3f d = face.landmarks[i] - face.landmarks[j];
  return std::hypot(d.x, d.y);
}

std::array<Iris, 2> irises(const AlignedFace& face, const Face& found) {
  const auto& centres = *face.alignment.eyes;
  const double usual = usual_radius * cv::norm(centres[1] - centres[0]);
  std::array<Iris, 2> result{{{centres[0], usual}, {centres[1], usual}}};
  if (face.alignment.anchor != Anchor::landmarks) return result;
  const std::array rims{mesh::right_iris, mesh::left_iris};
  for (std::size_t eye = 0; eye < 2; ++eye) {
    double radius = 0;
    for (std::size_t i = 0; i < 4; ++i) radius += distance(found, rims[eye].centre, rims[eye].rim + i) / 4;
    if (radius > 0.5 * usual && radius < 2 * usual) result[eye].radius = radius;
  }
  return result;
}

/// [0,1]: 0 for closed eyes. Unknown without landmarks: 1.
double openness(const AlignedFace& face, const Face& found) {
  if (face.alignment.anchor != Anchor::landmarks) return 1;
  double least = 1;
  for (const mesh::Lids& lids : {mesh::right_lids, mesh::left_lids}) {
    const double width = 2 * distance(found, lids.outer, lids.inner);
    const double ratio =
        (distance(found, lids.upper_a, lids.lower_a) + distance(found, lids.upper_b, lids.lower_b)) / width;
    least = ratio > 0.12 ? std::min(least, (ratio - 0.12) / 0.08) : 0;  // not a number: 0
  }
  return least;
}

bool lies_within(const Iris& iris, cv::Size picture) {
  const auto& [c, r] = iris;
  return c.x >= r && c.y >= r && c.x <= picture.width - 1 - r && c.y <= picture.height - 1 - r;
}

}  // namespace

Raw eyes(const AlignedFace& face, const Face& found) {
  if (!face.alignment.eyes) return {{}, 0, "needs the positions of the eyes"};
  const std::array<Iris, 2> both = irises(face, found);
  for (const Iris& iris : both)
    if (!lies_within(iris, face.picture.size())) return {{}, 0, "an eye lies outside the picture"};
  const cv::Vec2d turn = face.alignment.to_frame.a / face.alignment.to_frame.scale();
  const Eye one = look_at(face, both[0], turn), other = look_at(face, both[1], turn);

  const double brightest = std::max(one.brightness, other.brightness);
  const double brightness = brightest > 0 ? 1 - std::abs(one.brightness - other.brightness) / brightest : 1;
  const double colour = std::max(0.0, 1 - cv::norm(one.lab - other.lab) / 30);
  const std::optional<double> reflections = overlap(one.highlights, other.highlights);
  const double open = openness(face, found), radius = std::min(both[0].radius, both[1].radius);
  const double turned = std::max(0.0, 1 - std::abs(face.alignment.yaw.value_or(0)) / 0.6);

  Raw raw{{reflections ? 0.6 * *reflections + 0.2 * brightness + 0.2 * colour : (brightness + colour) / 2},
          std::min(1.0, radius / 6) * open * turned * (reflections ? 1 : 0.3) *
              (face.alignment.anchor == Anchor::landmarks ? 1 : 0.8),
          ""};
  if (radius < 3) raw.doubt = "the eyes are small";
  if (!reflections) raw.doubt = "no eye has a reflection";
  if (turned < 0.5) raw.doubt = "the head is turned";
  if (open < 0.5) raw.doubt = "an eye is closed";
  return raw;
}

}  // namespace dfpipe::heuristics
