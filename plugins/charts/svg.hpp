#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Drawings for a page, as SVG elements inside it. Colours are classes of the page's style sheet.
namespace dfpipe::charts {

/// Text as HTML and SVG want it, in elements and in quoted attributes; what is no control character stays.
std::string escaped(std::string_view text);

/// With so many digits behind the point.
std::string fixed(double value, int digits);

struct Point {
  double x = 0, y = 0;
};

/// One axis: the values at its ends, and the marks on it.
struct Axis {
  std::string title;
  double low = 0, high = 1;
  struct Mark {
    double at;
    std::string text;
  };
  std::vector<Mark> marks;

  /// low to high in equal steps, marked with so many digits.
  static Axis even(std::string title, double low, double high, int steps, int digits);
  /// low to high, low < high, marked at four to ten round values between them: multiples of 1, 2 or 5 times a power of
  /// ten.
  static Axis round(std::string title, double low, double high);
};

/// A drawing with two axes. Coordinates are values on them.
class Plot {
 public:
  /// `title` stands above, `about` is read to those who cannot see it.
  Plot(std::string title, std::string about, Axis x, Axis y);

  /// `css` are classes, such as "line s0". Points closer than a tenth of a pixel are drawn once.
  void line(const std::vector<Point>& points, const std::string& css);
  void area(Point corner, Point opposite, const std::string& css);
  void dot(Point at, double radius, const std::string& css);
  /// `dx`, `dy` are pixels to the right and down; `css` may hold "end" or "middle".
  void text(Point at, double dx, double dy, const std::string& text, const std::string& css);
  /// An entry of the legend, in the order of the calls.
  void legend(const std::string& css, const std::string& text);

  /// A whole <svg> element.
  std::string svg() const;

 private:
  Point place(Point value) const;

  std::string title_, about_;
  Axis x_, y_;
  std::string body_;
  std::string legend_;
  int legend_rows_ = 0;
};

}  // namespace dfpipe::charts
