#include "http/valid_utf8.hpp"

#include <nlohmann/json.hpp>

namespace dfpipe::server {

std::string valid_utf8(std::string_view text, std::size_t max_bytes) {
  using nlohmann::json;
  std::string valid = json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
  if (valid.size() <= max_bytes) return valid;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xC0U) == 0x80U) --end;
  valid.resize(end);
  return valid;
}

}  // namespace dfpipe::server
