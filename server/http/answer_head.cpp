#include "http/answer_head.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <ctime>

#include "http/text.hpp"

namespace dfpipe::server {
namespace {

/// Now as an IMF-fixdate (RFC 9110, 5.6.7), made once a second and thread.
const std::string& http_date() {
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  thread_local std::time_t of = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != of) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 40> line{};
    std::snprintf(line.data(), line.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", days.at(utc.tm_wday % 7),
                  utc.tm_mday, months.at(utc.tm_mon % 12), utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    text = line.data();
    of = now;
  }
  return text;
}

bool clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 || byte == '\t') && byte != 0x7f;
  });
}

void add(std::string& head, std::string_view name, std::string_view value) {
  if (!clean(name) || !clean(value)) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool bodiless(unsigned status) noexcept { return status < 200 || status == 204 || status == 304; }

std::string answer_head(const Response& response, const HeaderFields& extra, const std::string& request_id,
                        const Framing& framing) {
  std::string head;
  head.reserve(768);
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason.data(), reason.size()).append("\r\n");
  add(head, "Date", http_date());
  if (!bodiless(response.status)) {
    add(head, "Content-Type", response.content_type);
    if (!framing.endless) {
      const auto size = response.shared_body ? response.shared_body->size() : response.body.size();
      add(head, "Content-Length", std::to_string(size));
    } else if (!framing.http_1_0) {
      add(head, "Transfer-Encoding", "chunked");
    }
  }
  if (framing.close) {
    add(head, "Connection", "close");
  } else if (framing.http_1_0) {
    add(head, "Connection", "keep-alive");
  }

  std::string vary;
  bool cache_control = false;
  for (const auto* fields : {&response.headers, &extra}) {
    for (const auto& [name, value] : *fields) {
      cache_control = cache_control || same_word(name, "Cache-Control");
      if (same_word(name, "Vary")) {
        vary += (vary.empty() ? "" : ", ") + value;
      } else {
        add(head, name, value);
      }
    }
  }
  if (!vary.empty()) add(head, "Vary", vary);
  if (!cache_control) add(head, "Cache-Control", "no-store");
  add(head, "X-Request-Id", request_id);
  head.append(
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Content-Security-Policy: default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; "
      "base-uri 'none'; form-action 'self'\r\n\r\n");
  return head;
}

}  // namespace dfpipe::server
