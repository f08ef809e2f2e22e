#include "definitions.hpp"

#include <cmath>

namespace dfpipe::heuristics {
namespace {

double same(double raw) { return raw; }
double percent(double raw) { return 100 * raw; }
double half_turns_in_degrees(double raw) { return 180 * raw; }
double octaves_as_factor(double raw) { return std::exp2(raw); }
double decades_as_factor(double raw) { return std::pow(10, raw); }
/// Of a variance in decades: the deviation in percent.
double decades_as_deviation(double raw) { return 100 * std::pow(10, raw / 2); }

}  // namespace

const std::array<MeasureDefinition, measure_count>& definitions() {
  using enum OddWhen;
  static const std::array<MeasureDefinition, measure_count> all{{
      {"symmetry", 0.10, {{"ssim", either, 1, "the two halves of the face agree to", "", same}}},
      {"eyes", 0.20, {{"agreement", low, 1, "the two eyes agree in reflections, brightness and colour to", "", same}}},
      {"texture",
       0.20,
       {{"detail", either, 0.6, "the skin's fine detail is", " % of its brightness", decades_as_deviation},
        {"patterns", low, 0.4, "the skin's smallest patterns have a variety of", "", same}}},
      {"edges",
       0.20,
       {{"outline", either, 1, "edges on the face's outline are", " times those beside it", octaves_as_factor}}},
      {"lighting",
       0.10,
       {{"fit", low, 0.5, "one light explains", " % of the shading", percent},
        {"turn", high, 0.5, "the light on the face's upper and lower half differs by", " degrees",
         half_turns_in_degrees}}},
      {"noise",
       0.20,
       {{"pattern", high, 0.4, "the strongest regular pattern in the noise is", " times what chance gives",
         decades_as_factor},
        {"ratio", either, 0.4, "the noise of the face is", " times that around it", octaves_as_factor},
        {"channels", low, 0.2, "the noise of red and green agrees to", "", same}}},
  }};
  return all;
}

}  // namespace dfpipe::heuristics
