#include "result_names.hpp"

#include <algorithm>
#include <cstdio>

namespace dfpipe::files {

std::string heatmap_name(std::uint64_t image, std::size_t face) {
  char name[64];
  std::snprintf(name, sizeof name, "%08llu_%zu.png", static_cast<unsigned long long>(image), face);
  return name;
}

bool is_heatmap_name(std::string_view name) {
  if (name.ends_with(".part")) name.remove_suffix(5);
  if (!name.ends_with(".png")) return false;
  name.remove_suffix(4);
  const std::size_t middle = name.find('_');
  if (middle == std::string_view::npos || middle < 8 || middle + 1 == name.size()) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::ranges::all_of(name.substr(0, middle), digit) && std::ranges::all_of(name.substr(middle + 1), digit);
}

}  // namespace dfpipe::files
