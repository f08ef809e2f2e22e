#include "series.hpp"

#include <cmath>

namespace dfpipe::training {

using charts::Point;

std::vector<Point> smoothed(const std::vector<Point>& points, double span) {
  const double keep = 1 - 1 / span;
  double sum = 0, weights = 0;
  std::vector<Point> out;
  for (const Point& point : points) {
    if (!std::isfinite(point.y)) continue;
    sum = keep * sum + point.y;
    weights = keep * weights + 1;
    out.push_back({point.x, sum / weights});
  }
  return out;
}

std::vector<Point> thinned(const std::vector<Point>& points, std::size_t most) {
  std::vector<Point> finite;
  for (const Point& point : points)
    if (std::isfinite(point.y)) finite.push_back(point);
  if (finite.size() <= most) return finite;
  std::vector<Point> out;
  for (std::size_t i = 0; i < most; ++i) {
    const std::size_t from = finite.size() * i / most, to = finite.size() * (i + 1) / most;
    Point mean;
    for (std::size_t k = from; k < to; ++k) {
      mean.x += finite[k].x / static_cast<double>(to - from);
      mean.y += finite[k].y / static_cast<double>(to - from);
    }
    out.push_back(mean);
  }
  return out;
}

}  // namespace dfpipe::training
