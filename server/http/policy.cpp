#include "http/policy.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

#include "http/text.hpp"

namespace dfpipe::server {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

[[noreturn]] void bad_head(const std::string& why) { throw Refusal(400, "bad_head", "the request's head " + why); }
[[noreturn]] void bad_target(const std::string& why) {
  throw Refusal(400, "bad_target", "the request's target " + why);
}

/// What Beast forgives or hides: folded lines, which it joins, and control bytes.
void check_bytes(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte == '\r') {
      if (i + 1 == bytes.size() || bytes[i + 1] != '\n') bad_head("has a carriage return without a line feed");
    } else if (byte == '\n') {
      if (i + 1 < bytes.size() && (bytes[i + 1] == ' ' || bytes[i + 1] == '\t')) bad_head("has a folded field");
    } else if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      bad_head("has a control byte");
    }
  }
}

using Parser = http::request_parser<http::empty_body>;

void parse(Parser& parser, std::string_view bytes) {
  parser.header_limit(static_cast<std::uint32_t>(bytes.size() + 1));
  // Each route has its own. (With none at all, Beast 1.74 refuses everything.)
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  boost::system::error_code error;
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::bad_version) throw Refusal(505, "http_version", "HTTP/1.0 and HTTP/1.1 are understood");
  if (error == http::error::bad_content_length) {
    throw Refusal(400, "bad_content_length", "Content-Length must be given once, as a plain number");
  }
  if (error == http::error::bad_transfer_encoding) {
    throw Refusal(400, "transfer_encoding", "bodies must come with a Content-Length, not a Transfer-Encoding");
  }
  if (error && error != http::error::need_more) bad_head("cannot be read: " + error.message());
  if (!parser.is_header_done()) bad_head("is incomplete");
}

/// The value of a field that may occur once.
std::optional<std::string_view> single(const HeaderFields& fields, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [field, value] : fields) {
    if (!same_word(field, name)) continue;
    if (found) bad_head("has " + std::string(name) + " twice");
    found = value;
  }
  return found;
}

void check_host(const HeaderFields& fields, bool http_1_0) {
  const auto count =
      std::count_if(fields.begin(), fields.end(), [](const auto& field) { return same_word(field.first, "host"); });
  if (count > 1 || (count == 0 && !http_1_0)) throw Refusal(400, "bad_host", "a request must have one Host");
  if (count == 0) return;
  const std::string_view host = *single(fields, "Host");
  const auto sane = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_~:[]").find(c) != std::string_view::npos;
  };
  if (host.empty() || host.size() > 255 || !std::all_of(host.begin(), host.end(), sane)) {
    throw Refusal(400, "bad_host", "Host is not a host name or address");
  }
}

std::uint64_t content_length(const HeaderFields& fields) {
  std::optional<std::string_view> given;
  for (const auto& [field, value] : fields) {
    if (!same_word(field, "content-length")) continue;
    if (given) throw Refusal(400, "bad_content_length", "Content-Length must be given once");
    given = value;
  }
  if (!given) return 0;
  std::uint64_t length = 0;
  // 19 digits are below 2^64.
  bool plain = !given->empty() && given->size() <= 19;
  for (const char c : *given) {
    plain = plain && c >= '0' && c <= '9';
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (!plain) throw Refusal(400, "bad_content_length", "Content-Length must be a plain number");
  return length;
}

/// A path as it was sent or decoded: no empty or dot segments but an empty last one.
void check_segments(std::string_view path) {
  std::string_view rest = path.substr(1);
  while (true) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    if (segment == "." || segment == "..") bad_target("has dot segments");
    if (slash == std::string_view::npos) return;
    if (segment.empty()) bad_target("has an empty segment");
    rest.remove_prefix(slash + 1);
  }
}

void take_target(std::string_view target, AcceptedHead& accepted) {
  if (target.empty() || target.front() != '/') bad_target("must be a path that begins with /");
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) bad_target("has bytes that are not printable ASCII");
    if (c == '#' || c == '\\') bad_target("has a character that must be escaped");
  }
  const auto mark = target.find('?');
  accepted.target = target.substr(0, mark);
  if (mark != std::string_view::npos) accepted.head.query = target.substr(mark + 1);
  check_segments(accepted.target);

  std::string& path = accepted.head.path;
  std::string query;
  if (!percent_decode(accepted.target, path) || !percent_decode(accepted.head.query, query)) {
    bad_target("has a malformed escape");
  }
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') bad_target("has an escaped control byte or backslash");
  }
  check_segments(path);
}

}  // namespace

std::optional<std::size_t> HeadEnd::find(std::string_view bytes) {
  while (true) {
    const auto feed = bytes.find('\n', seen_);
    if (feed == std::string_view::npos) {
      seen_ = bytes.size();
      return std::nullopt;
    }
    if (feed == line_ || bytes[feed - 1] != '\r') bad_head("has a line that does not end with CR LF");
    const bool empty = feed == line_ + 1;
    if (empty && line_ == 0) bad_head("begins with an empty line");
    seen_ = line_ = feed + 1;
    if (empty) return line_;
  }
}

AcceptedHead accept_head(std::string_view bytes, std::size_t max_fields) {
  check_bytes(bytes);
  Parser parser;
  parse(parser, bytes);
  const auto& message = parser.get();

  AcceptedHead accepted;
  RequestHead& head = accepted.head;
  accepted.http_1_0 = message.version() == 10;
  head.method = view(message.method_string());
  for (const auto& field : message) head.fields.emplace_back(view(field.name_string()), view(field.value()));
  if (head.fields.size() > max_fields) {
    throw Refusal(431, "too_many_fields", "at most " + std::to_string(max_fields) + " header fields are taken");
  }

  if (!head.field("transfer-encoding").empty() || message.count(http::field::transfer_encoding) > 0) {
    const bool understood = !accepted.http_1_0 && message.count(http::field::content_length) == 0;
    throw Refusal(understood ? 501 : 400, "transfer_encoding",
                  "bodies must come with a Content-Length, not a Transfer-Encoding");
  }
  head.content_length = content_length(head.fields);
  check_host(head.fields, accepted.http_1_0);
  take_target(view(message.target()), accepted);
  if (single(head.fields, "Content-Encoding")) {
    throw Refusal(415, "content_encoding", "bodies must come without a Content-Encoding");
  }
  for (const char* name : {"Content-Type", "Authorization", "X-Api-Key", "Origin", "Last-Event-ID"}) {
    single(head.fields, name);
  }
  if (const auto expect = single(head.fields, "Expect")) {
    if (!same_word(*expect, "100-continue")) throw Refusal(417, "expectation", "only 100-continue can be expected");
    accepted.expects_continue = !accepted.http_1_0;
  }

  accepted.keep_alive = !accepted.http_1_0;
  for (const auto& [name, value] : head.fields) {
    if (!same_word(name, "connection")) continue;
    if (list_holds(value, "close")) {
      accepted.keep_alive = false;
      break;
    }
    if (accepted.http_1_0 && list_holds(value, "keep-alive")) accepted.keep_alive = true;
  }
  return accepted;
}

}  // namespace dfpipe::server
