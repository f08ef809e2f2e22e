#include "http/cors.hpp"

#include <algorithm>
#include <stdexcept>

namespace dfpipe::server {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {
  for (const auto& origin : origins_) {
    const auto scheme = origin.find("://");
    const bool web = origin.rfind("http://", 0) == 0 || origin.rfind("https://", 0) == 0;
    if (!web || origin.size() <= scheme + 3 || origin.find_first_of("/?# \t\r\n", scheme + 3) != std::string::npos) {
      throw std::invalid_argument("CORS origin '" + origin + "' is not of the form http://host:port without a path");
    }
  }
}

bool Cors::listed(std::string_view origin) const {
  return !origin.empty() && std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

HeaderFields Cors::fields(std::string_view origin) const {
  if (origins_.empty()) return {};
  // A cache must not give one origin's answer to another, nor to none.
  HeaderFields fields = {{"Vary", "Origin"}};
  if (!listed(origin)) return fields;
  fields.emplace_back("Access-Control-Allow-Origin", origin);
  fields.emplace_back("Access-Control-Expose-Headers", "X-Request-Id, Retry-After, Location, Server-Timing");
  return fields;
}

HeaderFields Cors::preflight(std::string_view origin, const std::vector<std::string>& methods) const {
  HeaderFields fields = {{"Allow", allow(methods)}};
  if (!listed(origin)) return fields;
  fields.emplace_back("Access-Control-Allow-Methods", allow(methods));
  fields.emplace_back("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Api-Key, Last-Event-ID");
  fields.emplace_back("Access-Control-Max-Age", "600");
  return fields;
}

std::string allow(const std::vector<std::string>& methods) {
  std::string list;
  for (const auto& method : methods) list += method + ", ";
  return list + "OPTIONS";
}

}  // namespace dfpipe::server
