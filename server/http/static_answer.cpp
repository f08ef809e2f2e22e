#include "http/static_answer.hpp"

#include <functional>

#include "http/text.hpp"

namespace dfpipe::server {
namespace {

/// Whether one element of a comma-separated list fits.
bool any_of_list(std::string_view list, const std::function<bool(std::string_view)>& fits) {
  while (true) {
    const auto comma = list.find(',');
    if (fits(trimmed(list.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// A coding with its weight, "gzip;q=0.5"; a weight of 0 forbids it.
bool takes_gzip(std::string_view accept_encoding) {
  return any_of_list(accept_encoding, [](std::string_view coding) {
    const auto semicolon = coding.find(';');
    if (!same_word(trimmed(coding.substr(0, semicolon)), "gzip")) return false;
    if (semicolon == std::string_view::npos) return true;
    const auto weight = trimmed(coding.substr(semicolon + 1));
    const bool known = weight.size() > 2 && same_word(weight.substr(0, 2), "q=");
    return known && weight.find_first_of("123456789") != std::string_view::npos;
  });
}

bool names(std::string_view if_none_match, std::string_view etag) {
  return any_of_list(if_none_match, [&](std::string_view tag) {
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    return tag == "*" || tag == etag;
  });
}

}  // namespace

Response static_answer(const StaticFiles::File& file, const RequestHead& head) {
  const bool compressed = file.gzip && takes_gzip(head.field("Accept-Encoding"));
  const std::string& etag = compressed ? file.gzip_etag : file.etag;
  Response response{200, file.content_type};
  response.headers = {{"ETag", etag},
                      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (file.gzip) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (names(head.field("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.shared_body = compressed ? file.gzip : file.bytes;
  return response;
}

}  // namespace dfpipe::server
