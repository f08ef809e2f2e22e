#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// The fields by which pages of other origins may read answers (Fetch standard, CORS protocol). Only origins that are
/// listed get any.
class Cors {
 public:
  /// Throws std::invalid_argument for an entry that no browser sends as an Origin, "*" and "null" included.
  explicit Cors(std::vector<std::string> origins);

  /// For every answer to a request with this Origin (empty: none).
  HeaderFields fields(std::string_view origin) const;
  /// For the answer to OPTIONS of a path with these methods.
  HeaderFields preflight(std::string_view origin, const std::vector<std::string>& methods) const;

 private:
  bool listed(std::string_view origin) const;
  std::vector<std::string> origins_;
};

/// The value of Allow for these methods and OPTIONS.
std::string allow(const std::vector<std::string>& methods);

}  // namespace dfpipe::server
