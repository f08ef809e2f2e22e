#include "plan/difference.hpp"

#include <cstddef>
#include <map>
#include <sstream>
#include <vector>

namespace dfpipe::plan {
namespace {

constexpr std::size_t most_told = 5;

/// Each value by its path. The writer puts one key on a line, two blanks a level, and quotes names with a colon, so the
/// first ": " or a colon at the end is where the name ends.
std::map<std::string, std::string> values_of(const std::string& text) {
  std::map<std::string, std::string> values;
  std::vector<std::string> path;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos) continue;
    std::size_t colon = line.find(": ", indent);
    const bool opens = colon == std::string::npos;
    if (opens) colon = line.size() - 1;
    path.resize(indent / 2);
    path.push_back(line.substr(indent, colon - indent));
    std::string name;
    for (const std::string& key : path) name += (name.empty() ? "" : ".") + key;
    values[name] = opens ? "" : line.substr(colon + 2);
  }
  return values;
}

}  // namespace

std::string difference(const std::string& earlier, const std::string& now) {
  const auto before = values_of(earlier), after = values_of(now);
  std::vector<std::string> all;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end())
      all.push_back(name + (value.empty() ? " is new" : " is " + value + ", was not there"));
    else if (old->second != value)
      all.push_back(name + " is " + value + ", was " + old->second);
  }
  for (const auto& [name, value] : before)
    if (!after.contains(name)) all.push_back(name + " is gone" + (value.empty() ? "" : ", was " + value));
  std::string text;
  for (std::size_t i = 0; i < all.size() && i < most_told; ++i) text += (i > 0 ? "; " : "") + all[i];
  if (all.size() > most_told) text += "; and " + std::to_string(all.size() - most_told) + " more";
  return text;
}

}  // namespace dfpipe::plan
