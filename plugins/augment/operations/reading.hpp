#pragma once

#include "operations.hpp"

/// Drawn parameters, read with their limits. All throw Error "parameters" with the key's name.
namespace dfpipe::augment {

double real_of(const Json& drawn, const char* key, double low, double high);
int integer_of(const Json& drawn, const char* key, std::int64_t low, std::int64_t high);
std::string text_of(const Json& drawn, const char* key);

/// OpenCV's flag for "nearest", "linear", "cubic", "area" or "lanczos".
int interpolation_of(const Json& drawn, const char* key);

[[noreturn]] void refuse(const std::string& what);

/// The parameter that no picture could have needed more of: a side in pixels.
inline constexpr std::int64_t most_pixels_a_side = 16384;

}  // namespace dfpipe::augment
