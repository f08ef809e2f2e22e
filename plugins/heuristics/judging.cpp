#include "judging.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace dfpipe::heuristics {
namespace {

constexpr double mostly_valid = 0.5;
constexpr double least_evidence = 0.3;

/// Three significant digits, two decimals at most.
std::string number(double value) {
  const double size = std::abs(value);
  const int decimals = size < 10 ? 2 : size < 100 ? 1 : 0;
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return error == std::errc() ? std::string(text.data(), end) : "beyond all numbers";
}

std::string usual_range(const PartDefinition& part, const Percentiles& usual) {
  const std::string low = number(part.plain(usual.p10)), high = number(part.plain(usual.p90));
  if (part.odd == OddWhen::low) return low + " and more";
  if (part.odd == OddWhen::high) return "up to " + high;
  return low + " to " + high;
}

std::string comparison(double value, const Percentiles& usual, OddWhen odd) {
  if (odd != OddWhen::high && value < usual.p10)
    return value < usual.p1 ? "less than in nearly all photographs" : "less than in most photographs";
  if (odd != OddWhen::low && value > usual.p90)
    return value > usual.p99 ? "more than in nearly all photographs" : "more than in most photographs";
  return "as in most photographs";
}

std::string note(const PartDefinition& part, double value, const Percentiles& usual) {
  return std::string(part.before) + " " + number(part.plain(value)) + std::string(part.after) + ", " +
         comparison(value, usual, part.odd) + " (" + usual_range(part, usual) + ")";
}

/// To four decimals, which is more than any of these numbers means.
double rounded(double value) { return std::round(value * 1e4) / 1e4 + 0.0; }

/// 0 at `zero`, 1 at `one`, a step where they meet.
double ramp(double value, double zero, double one) {
  if (zero == one) return value == one ? 1 : 0;
  return std::clamp((value - zero) / (one - zero), 0.0, 1.0);
}

Measures judged(const std::variant<AlignedFace, NoFace>& found, const Face& face, const Reference& reference) {
  std::array<Raw, measure_count> raw;
  if (const auto* aligned = std::get_if<AlignedFace>(&found))
    raw = {symmetry(*aligned), eyes(*aligned, face), texture(*aligned),
           edges(*aligned),    lighting(*aligned),   noise(*aligned)};
  else
    raw.fill({{}, 0, std::get<NoFace>(found).why});
  std::vector<Measure> all;
  for (std::size_t i = 0; i < measure_count; ++i) all.push_back(judge(raw[i], definitions()[i], reference.measures[i]));
  return summed_up(std::move(all), reference);
}

}  // namespace

double band(double value, const Percentiles& usual, OddWhen odd) {
  if (value < usual.p10 && odd != OddWhen::high) return ramp(value, usual.p1, usual.p10);
  if (value > usual.p90 && odd != OddWhen::low) return ramp(value, usual.p99, usual.p90);
  return 1;
}

Measure judge(const Raw& raw, const MeasureDefinition& definition, const MeasureReference& reference) {
  Measure result{.name = std::string(definition.name), .validity = 0, .note = raw.doubt};
  double shares = 0, sum = 0, lowest = 2;
  for (std::size_t i = 0; i < raw.parts.size(); ++i) {
    const PartDefinition& part = definition.parts[i];
    result.parts.push_back({std::string(part.name), raw.parts[i]});
    if (!raw.parts[i]) continue;
    const double natural = band(*raw.parts[i], reference.parts[i], part.odd);
    shares += part.share;
    sum += part.share * natural;
    if (natural < lowest) {
      lowest = natural;
      result.note = note(part, *raw.parts[i], reference.parts[i]);
    }
  }
  if (!(shares > 0)) return result;
  if (raw.parts.front()) result.value = rounded(*raw.parts.front());
  result.score = rounded(std::clamp(sum / shares, 0.0, 1.0));
  result.validity = rounded(std::clamp(raw.validity * shares, 0.0, 1.0));
  if (!raw.doubt.empty()) result.note += "; hardly valid: " + raw.doubt;
  return result;
}

Measures summed_up(std::vector<Measure> all, const Reference& reference) {
  double weights = 0, evidence = 0, sum = 0, lowest = 1;
  Measures result;
  for (std::size_t i = 0; i < all.size(); ++i) {
    weights += reference.measures[i].weight;
    if (!all[i].score) continue;
    const double counted = reference.measures[i].weight * all[i].validity.value_or(0);
    evidence += counted;
    sum += counted * *all[i].score;
    if (all[i].validity > mostly_valid && *all[i].score < lowest) {
      lowest = *all[i].score;
      result.worst = all[i].name;
    }
  }
  if (evidence >= least_evidence * weights) result.total = rounded(std::clamp(sum / evidence, 0.0, 1.0));
  result.all = std::move(all);
  return result;
}

Measures measure_calibrated(const Face& face, const cv::Mat& picture, const Reference& reference) {
  return judged(aligned_face(face, picture), face, reference);
}

Measures measure_calibrated(const Face& face, const cv::Mat& picture) {
  const auto found = aligned_face(face, picture);
  const auto* aligned = std::get_if<AlignedFace>(&found);
  return judged(found, face, built_in_reference(aligned != nullptr ? aligned->alignment.anchor : Anchor::box));
}

}  // namespace dfpipe::heuristics
