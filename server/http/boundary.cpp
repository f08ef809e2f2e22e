#include <algorithm>

#include "http/exchange.hpp"
#include "http/header_value.hpp"
#include "http/multipart.hpp"
#include "http/text.hpp"

namespace dfpipe::server {
namespace {

/// "bchars" of RFC 2046, 5.1.1.
bool is_boundary_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos);
}

[[noreturn]] void bad(const std::string& what) { throw Refusal(400, "bad_boundary", "the multipart boundary " + what); }

}  // namespace

std::string multipart_boundary(std::string_view content_type, const MultipartLimits& limits) {
  const std::string type = lower_case(trimmed(content_type.substr(0, content_type.find(';'))));
  if (type != "multipart/form-data") throw Refusal(415, "content_type", "the body must be multipart/form-data");
  const auto parsed = parse_header_value(content_type);
  if (!parsed) bad("cannot be read: the Content-Type is malformed");
  if (parsed->count("boundary") > 1) bad("is given twice");
  std::string boundary(parsed->parameter("boundary"));
  if (boundary.empty()) bad("is missing");
  if (boundary.size() > limits.boundary) bad("has more than " + std::to_string(limits.boundary) + " characters");
  if (!std::all_of(boundary.begin(), boundary.end(), is_boundary_char) || boundary.back() == ' ')
    bad("holds a character that does not belong there");
  return boundary;
}

}  // namespace dfpipe::server
