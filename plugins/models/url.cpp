#include "url.hpp"

#include <algorithm>
#include <cctype>

namespace dfpipe::models {

std::string scheme_of(const std::string& url) {
  std::string start = url.substr(0, url.find("://"));
  if (start.size() + 3 >= url.size()) return {};
  std::ranges::transform(start, start.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return start == "https" || start == "http" ? start : std::string();
}

std::string shown(const std::string& url) {
  const auto start = url.find("://");
  if (start == std::string::npos) return url;
  const auto host = url.substr(start + 3, url.find_first_of("/?#", start + 3) - start - 3);
  const auto at = host.rfind('@');
  return at == std::string::npos ? url : url.substr(0, start + 3) + url.substr(start + 4 + at);
}

}  // namespace dfpipe::models
