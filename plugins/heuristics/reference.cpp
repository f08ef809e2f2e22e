#include "reference.hpp"

#include <array>
#include <charconv>

#include "built_in_reference.hpp"

namespace dfpipe::heuristics {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6).ptr;
  return {text.data(), end};
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "'";
}

}  // namespace

const Reference& built_in_reference(Anchor anchor) {
  static const Reference by_landmarks =
      parse_reference(reference_by_landmarks, "reference-landmarks.yaml (compiled in)");
  static const Reference by_points = parse_reference(reference_by_points, "reference-points.yaml (compiled in)");
  return anchor == Anchor::landmarks ? by_landmarks : by_points;
}

std::string to_yaml(const Reference& reference) {
  std::string out =
      "faces: " + std::to_string(reference.faces) + "\nsource:" + (reference.source.empty() ? " {}" : "") + "\n";
  for (const auto& [key, value] : reference.source) out += "  " + quoted(key) + ": " + quoted(value) + "\n";
  out += "measures:\n";
  for (std::size_t i = 0; i < measure_count; ++i) {
    const MeasureReference& measure = reference.measures[i];
    out += "  " + std::string(definitions()[i].name) + ":\n    weight: " + number(measure.weight) +
           "\n    faces: " + std::to_string(measure.faces) + "\n    parts:\n";
    for (std::size_t part = 0; part < measure.parts.size(); ++part) {
      const Percentiles& p = measure.parts[part];
      out += "      " + std::string(definitions()[i].parts[part].name) + ": [" + number(p.p1) + ", " + number(p.p10) +
             ", " + number(p.p90) + ", " + number(p.p99) + "]\n";
    }
  }
  return out;
}

}  // namespace dfpipe::heuristics
