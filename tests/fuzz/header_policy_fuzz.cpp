#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "http/policy.hpp"
#include "http/text.hpp"

namespace dfpipe::server {
namespace {

constexpr std::size_t max_fields = 8;

void check(bool holds) {
  if (!holds) std::abort();
}

std::optional<std::size_t> end_of_head(std::string_view bytes, std::size_t piece) {
  HeadEnd head;
  for (std::size_t size = piece; size < bytes.size(); size += piece)
    if (const auto end = head.find(bytes.substr(0, size))) return end;
  return head.find(bytes);
}

/// A head as a program reads it that knows nothing but lines, colons and spaces.
struct PlainHead {
  std::string method, target, version;
  HeaderFields fields;

  explicit PlainHead(std::string_view bytes) {
    const auto line = [&bytes] {
      const auto end = bytes.find("\r\n");
      check(end != std::string_view::npos);
      const auto text = bytes.substr(0, end);
      bytes.remove_prefix(end + 2);
      return text;
    };
    const std::string first(line());
    const auto one = first.find(' '), two = first.find(' ', one + 1);
    check(one != std::string::npos && two != std::string::npos);
    method = first.substr(0, one);
    target = first.substr(one + 1, two - one - 1);
    version = first.substr(two + 1);
    for (auto text = line(); !text.empty(); text = line()) {
      const auto colon = text.find(':');
      check(colon != std::string_view::npos && colon > 0);
      fields.emplace_back(text.substr(0, colon), trimmed(text.substr(colon + 1)));
    }
    check(bytes.empty());
  }

  auto count(std::string_view name) const {
    return std::count_if(fields.begin(), fields.end(), [&](const auto& one) { return same_word(one.first, name); });
  }
};

/// Beast moves fields of one name together.
HeaderFields by_name(HeaderFields fields) {
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return lower_case(a.first) < lower_case(b.first); });
  return fields;
}

int hex(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/// Whoever decodes the path, once or not at all, stays below the root.
void check_path(const std::string& path, const std::string& sent) {
  std::string decoded;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const bool escape = sent[i] == '%';
    decoded += escape ? static_cast<char>(hex(sent[i + 1]) * 16 + hex(sent[i + 2])) : sent[i];
    if (escape) i += 2;
  }
  check(decoded == path && path.front() == '/' && path.find('\0') == std::string::npos);
  for (const std::string& one : {path, sent}) {
    const std::string closed = one + '/';
    check(closed.find("/../") == std::string::npos && closed.find("/./") == std::string::npos);
    check(one.find('\\') == std::string::npos && one.find("//") == std::string::npos);
  }
}

void check_accepted(const AcceptedHead& accepted, std::string_view bytes) {
  const PlainHead plain(bytes);
  const RequestHead& head = accepted.head;
  check(plain.version == (accepted.http_1_0 ? "HTTP/1.0" : "HTTP/1.1"));
  check(plain.method == head.method && by_name(plain.fields) == by_name(head.fields) &&
        plain.fields.size() <= max_fields);
  check(plain.target ==
        (head.query.empty() && !plain.target.ends_with('?') ? accepted.target : accepted.target + '?' + head.query));
  check(plain.count("Host") == 1 || (accepted.http_1_0 && plain.count("Host") == 0));
  check(plain.count("Transfer-Encoding") == 0 && plain.count("Content-Encoding") == 0);
  check(plain.count("Content-Length") <= 1 && plain.count("Authorization") <= 1 && plain.count("X-Api-Key") <= 1);
  const auto length = head.field("Content-Length");
  check(std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }));
  check(head.content_length == (length.empty() ? 0 : std::stoull(std::string(length))));
  check_path(head.path, accepted.target);
}

}  // namespace
}  // namespace dfpipe::server

/// What comes in at a connection. The head's end must be found alike in pieces, and what the policy accepts must mean
/// the same to a program that reads it in the plainest way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::server;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::optional<std::size_t> end, in_pieces;
  bool refused = false, refused_in_pieces = false;
  try {
    end = end_of_head(bytes, bytes.size() + 1);
  } catch (const Refusal&) {
    refused = true;
  }
  try {
    in_pieces = end_of_head(bytes, data[0] % 32 + 1U);
  } catch (const Refusal&) {
    refused_in_pieces = true;
  }
  check(end == in_pieces && refused == refused_in_pieces);
  if (!end) return 0;
  const std::string_view head = bytes.substr(0, *end);
  try {
    check_accepted(accept_head(head, max_fields), head);
  } catch (const Refusal& refusal) {  // anything else is a finding
    check(refusal.status() >= 400 && refusal.status() < 600 && !refusal.code().empty());
  }
  return 0;
}
