#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dfpipe/value.hpp"

namespace dfpipe {

/// One thing that may have happened to a picture before it came here, with its strength.
struct Degradation {
  enum class Kind : std::uint8_t { none, jpeg, blur, resize, noise };
  Kind kind = Kind::none;
  double strength = 0;  ///< jpeg: quality, 1 to 100; blur: sigma in pixels; resize: shorter side in pixels; noise:
                        ///< sigma of 1.0 = 255
  std::string filter;   ///< of resize, there and back

  bool operator==(const Degradation&) const = default;
};

/// "none", "jpeg", "blur", "resize", "noise"
constexpr std::string_view word(Degradation::Kind kind) {
  constexpr std::string_view words[] = {"none", "jpeg", "blur", "resize", "noise"};
  return words[static_cast<std::size_t>(kind)];
}

template <>
struct Type<Degradation> {
  static constexpr std::string_view name = "degradation";
};

}  // namespace dfpipe
