#include "http/router.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace dfpipe::server {
namespace {

bool is_named(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  std::string_view rest = path.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    segments.emplace_back(rest.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    rest.remove_prefix(slash + 1);
  }
}

/// What the named parts stand for, when the path fits.
std::optional<HeaderFields> match(const std::vector<std::string>& segments, std::string_view path) {
  HeaderFields named;
  std::string_view rest = path;
  for (const auto& segment : segments) {
    if (rest.empty() || rest.front() != '/') return std::nullopt;
    rest.remove_prefix(1);
    const auto part = rest.substr(0, rest.find('/'));
    if (is_named(segment)) {
      if (part.empty()) return std::nullopt;
      named.emplace_back(segment.substr(1, segment.size() - 2), part);
    } else if (part != segment) {
      return std::nullopt;
    }
    rest.remove_prefix(part.size());
  }
  if (!rest.empty()) return std::nullopt;
  return named;
}

}  // namespace

Router::Router(std::vector<Route> routes) {
  for (auto& route : routes) {
    if (route.path.empty() || route.path.front() != '/') {
      throw std::invalid_argument("route '" + route.name + "': its path must begin with /");
    }
    auto segments = split(route.path);
    auto pattern =
        std::find_if(patterns_.begin(), patterns_.end(), [&](const Pattern& p) { return p.segments == segments; });
    if (pattern == patterns_.end()) {
      const auto named = static_cast<std::size_t>(std::count_if(segments.begin(), segments.end(), is_named));
      patterns_.push_back({std::move(segments), named, {}});
      pattern = patterns_.end() - 1;
    }
    for (const auto& other : pattern->routes) {
      if (other.method == route.method) {
        throw std::invalid_argument("routes '" + other.name + "' and '" + route.name + "' are both " + route.method +
                                    " " + route.path);
      }
    }
    pattern->routes.push_back(std::move(route));
  }
  std::stable_sort(patterns_.begin(), patterns_.end(),
                   [](const Pattern& a, const Pattern& b) { return a.named < b.named; });
}

Router::Found Router::find(std::string_view method, std::string_view path) const {
  for (const auto& pattern : patterns_) {
    auto named = match(pattern.segments, path);
    if (!named) continue;
    Found found;
    found.named = std::move(*named);
    found.pattern = pattern.routes.front().path;
    for (const auto& route : pattern.routes) {
      found.methods.push_back(route.method);
      if (route.method == "GET") found.methods.emplace_back("HEAD");
      if (route.method == method || (route.method == "GET" && method == "HEAD")) found.route = &route;
    }
    return found;
  }
  return {};
}

}  // namespace dfpipe::server
