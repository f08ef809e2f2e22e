#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/tree.hpp"
#include "dfpipe/param.hpp"

namespace dfpipe::config {

/// The scalar as a value, or nothing when it is written otherwise. Quoted scalars are never numbers.
std::optional<bool> as_boolean(const Tree& tree);
std::optional<std::int64_t> as_integer(const Tree& tree);  ///< also 100e6, when nothing is lost
std::optional<std::uint64_t> as_natural(const Tree& tree);
std::optional<double> as_real(const Tree& tree);
/// "5ms", "1.5 s", "200us".
std::optional<std::chrono::microseconds> as_duration(const Tree& tree);

/// Shortest text that reads back as the same number.
std::string real_text(double value);

/// A path as a node gets it: relative ones resolve against the value's base. `output` paths against the working
/// directory.
std::filesystem::path as_path(const Tree& tree, bool output);

/// Converts to the parameter's type and assigns, checking range and choices. Reports what is wrong at the value's
/// place, beginning with `owner` ("node 'decode': parameter 'max_pixels'"). False when nothing was assigned.
bool assign(ParamSpec& spec, const Tree& value, const std::string& owner, Reporter& report);

}  // namespace dfpipe::config
