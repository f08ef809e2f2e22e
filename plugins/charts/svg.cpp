#include "svg.hpp"

#include <cmath>
#include <cstdio>

namespace dfpipe::charts {
namespace {

// The drawing in pixels: the field between the axes, and room for titles and marks around it.
constexpr double left = 56, top = 34, width = 300, height = 260, right = 14, bottom = 46, legend_row = 16;

std::string px(double value) { return fixed(value, 1); }

std::string attribute(const char* name, double value) { return std::string(" ") + name + "=\"" + px(value) + "\""; }

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

Axis Axis::even(std::string title, double low, double high, int steps, int digits) {
  Axis axis{.title = std::move(title), .low = low, .high = high, .marks = {}};
  for (int i = 0; i <= steps; ++i) {
    const double at = low + (high - low) * i / steps;
    axis.marks.push_back({at, fixed(at, digits)});
  }
  return axis;
}

Axis Axis::round(std::string title, double low, double high) {
  constexpr double fewest = 4;
  const double widest = (high - low) / fewest, power = std::pow(10, std::floor(std::log10(widest)));
  const double step = power * (widest >= 5 * power ? 5 : widest >= 2 * power ? 2 : 1);
  Axis axis{.title = std::move(title), .low = low, .high = high, .marks = {}};
  const double tolerance = 1e-9 * (high - low);
  for (double i = std::ceil((low - tolerance) / step) + 0.0; i * step <= high + tolerance; ++i) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", i * step);
    axis.marks.push_back({i * step, text});
  }
  return axis;
}

Plot::Plot(std::string title, std::string about, Axis x, Axis y)
    : title_(std::move(title)), about_(std::move(about)), x_(std::move(x)), y_(std::move(y)) {}

Point Plot::place(Point value) const {
  return {left + width * (value.x - x_.low) / (x_.high - x_.low),
          top + height * (1 - (value.y - y_.low) / (y_.high - y_.low))};
}

void Plot::line(const std::vector<Point>& points, const std::string& css) {
  std::string path, before;
  for (const Point& point : points) {
    const Point at = place(point);
    std::string text = px(at.x) + "," + px(at.y);
    if (text == before) continue;
    path += (path.empty() ? "" : " ") + text;
    before = std::move(text);
  }
  body_ += "<polyline class=\"" + css + "\" points=\"" + path + "\"/>\n";
}

void Plot::area(Point corner, Point opposite, const std::string& css) {
  const Point a = place(corner), b = place(opposite);
  body_ += "<rect class=\"" + css + "\"" + attribute("x", std::min(a.x, b.x)) + attribute("y", std::min(a.y, b.y)) +
           attribute("width", std::abs(b.x - a.x)) + attribute("height", std::abs(b.y - a.y)) + "/>\n";
}

void Plot::dot(Point at, double radius, const std::string& css) {
  const Point p = place(at);
  body_ +=
      "<circle class=\"" + css + "\"" + attribute("cx", p.x) + attribute("cy", p.y) + attribute("r", radius) + "/>\n";
}

void Plot::text(Point at, double dx, double dy, const std::string& text, const std::string& css) {
  const Point p = place(at);
  body_ += "<text class=\"" + css + "\"" + attribute("x", p.x + dx) + attribute("y", p.y + dy) + ">" + escaped(text) +
           "</text>\n";
}

void Plot::legend(const std::string& css, const std::string& text) {
  const double y = top + height + bottom + legend_row * legend_rows_ + 6;
  ++legend_rows_;
  legend_ += "<rect class=\"" + css + " key\"" + attribute("x", left) + attribute("y", y - 6) +
             " width=\"18\" height=\"4\"/><text class=\"small\"" + attribute("x", left + 26) + attribute("y", y) + ">" +
             escaped(text) + "</text>\n";
}

std::string Plot::svg() const {
  const double whole_width = left + width + right, whole_height = top + height + bottom + legend_row * legend_rows_ + 4;
  std::string out = "<svg viewBox=\"0 0 " + px(whole_width) + " " + px(whole_height) + "\" width=\"" + px(whole_width) +
                    "\" role=\"img\" aria-label=\"" + escaped(title_ + ". " + about_) + "\">\n<text class=\"title\"" +
                    attribute("x", left) + " y=\"20\">" + escaped(title_) + "</text>\n";
  for (const Axis::Mark& mark : x_.marks) {
    const Point p = place({mark.at, y_.low});
    out += "<line class=\"grid\"" + attribute("x1", p.x) + attribute("y1", top) + attribute("x2", p.x) +
           attribute("y2", p.y) + "/><text class=\"small middle\"" + attribute("x", p.x) + attribute("y", p.y + 15) +
           ">" + escaped(mark.text) + "</text>\n";
  }
  for (const Axis::Mark& mark : y_.marks) {
    const Point p = place({x_.low, mark.at});
    out += "<line class=\"grid\"" + attribute("x1", left) + attribute("y1", p.y) + attribute("x2", left + width) +
           attribute("y2", p.y) + "/><text class=\"small end\"" + attribute("x", left - 6) + attribute("y", p.y + 4) +
           ">" + escaped(mark.text) + "</text>\n";
  }
  out += "<text class=\"small middle\"" + attribute("x", left + width / 2) + attribute("y", top + height + 34) + ">" +
         escaped(x_.title) + "</text>\n<text class=\"small middle\" transform=\"translate(14 " + px(top + height / 2) +
         ") rotate(-90)\">" + escaped(y_.title) + "</text>\n";
  return out + body_ + legend_ + "</svg>\n";
}

}  // namespace dfpipe::charts
