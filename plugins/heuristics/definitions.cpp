#include "definitions.hpp"

namespace dfpipe::heuristics {

const std::array<MeasureDefinition, measure_count>& definitions() {
  static const std::array<MeasureDefinition, measure_count> all{{
      {"symmetry", 0.10, {{"ssim", OddWhen::either, 1, "the two halves of the face agree to"}}},
      {"eyes", 0.20, {{"agreement", OddWhen::low, 1, "reflections, brightness and colour of the two eyes agree to"}}},
      {"texture",
       0.20,
       {{"detail", OddWhen::either, 0.6, "the logarithm of the skin's fine detail is"},
        {"patterns", OddWhen::low, 0.4, "the variety of the skin's smallest patterns is"}}},
      {"edges", 0.20, {{"outline", OddWhen::either, 1, "octaves between the edges on the outline and beside it:"}}},
      {"lighting",
       0.10,
       {{"fit", OddWhen::low, 0.5, "the share of the shading that one light explains is"},
        {"turn", OddWhen::high, 0.5, "half turns between the light on the face's upper and lower half:"}}},
      {"noise",
       0.20,
       {{"pattern", OddWhen::high, 0.4, "the logarithm of the strongest regular pattern over chance is"},
        {"ratio", OddWhen::either, 0.4, "octaves between the noise of the face and that around it:"},
        {"channels", OddWhen::low, 0.2, "the noise of red and green agrees to"}}},
  }};
  return all;
}

}  // namespace dfpipe::heuristics
