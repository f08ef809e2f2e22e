#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// Finds the route of a method and path. Patterns with fewer {name} parts go first.
class Router {
 public:
  /// Throws std::invalid_argument for a route that can never be reached or cannot be understood.
  explicit Router(std::vector<Route> routes);

  struct Found {
    const Route* route = nullptr;  ///< null: no route of this method
    HeaderFields named;
    std::string pattern;               ///< the path with its {name} parts; empty: no such path
    std::vector<std::string> methods;  ///< that the path has; empty: no such path
  };
  Found find(std::string_view method, std::string_view path) const;

 private:
  struct Pattern {
    std::vector<std::string> segments;
    std::size_t named = 0;
    std::vector<Route> routes;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace dfpipe::server
