#include "selection.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "overlap.hpp"

namespace dfpipe::face {
namespace {

bool same_face(const cv::Rect2d& a, const cv::Rect2d& b) {
  return intersection_over_union(a, b) > 0.5 || (a & b).area() >= 0.9 * std::min(a.area(), b.area());
}

auto place(const Detection& face) {
  return std::tuple(face.box.x + face.box.width / 2, face.box.y + face.box.height / 2, face.box.area());
}

bool usable(const Detection& face, const Selection& wanted) {
  const cv::Rect2d& box = face.box;
  return std::isfinite(box.x + box.y + box.width + box.height) && box.width > 0 && box.height > 0 &&
         face.score >= wanted.min_score && std::min(box.width, box.height) >= wanted.min_size;
}

}  // namespace

std::vector<Detection> select_faces(std::vector<Detection> found, const Selection& wanted) {
  std::erase_if(found, [&](const Detection& face) { return !usable(face, wanted); });
  std::ranges::sort(found, [](const Detection& a, const Detection& b) {
    return a.score != b.score ? a.score > b.score : place(a) < place(b);
  });
  std::vector<Detection> kept;
  for (Detection& face : found)
    if (std::ranges::none_of(kept, [&](const Detection& better) { return same_face(better.box, face.box); }))
      kept.push_back(std::move(face));

  if (wanted.max_faces > 0 && kept.size() > static_cast<std::size_t>(wanted.max_faces)) {
    std::ranges::stable_sort(kept, std::ranges::greater(), [](const Detection& face) { return face.box.area(); });
    kept.resize(static_cast<std::size_t>(wanted.max_faces));
  }
  std::ranges::sort(kept, {}, place);
  return kept;
}

}  // namespace dfpipe::face
