#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// Finds the end of a request's head in bytes that arrive in pieces.
class HeadEnd {
 public:
  /// The head's size with its empty line, as soon as it is there. `bytes` is everything received so far. Throws a
  /// Refusal, 400 "bad_head", at a line feed without a carriage return before it, and at an empty first line: other
  /// programs disagree about where such a head ends.
  std::optional<std::size_t> find(std::string_view bytes);

 private:
  std::size_t seen_ = 0;
  std::size_t line_ = 0;  ///< where the current line begins
};

/// A head that the policy lets through. `head.request_id` and `head.began` are not set.
struct AcceptedHead {
  RequestHead head;
  std::string target;  ///< the path as it was sent
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

/// The header policy: a pure function from one head (`bytes` ends with its empty line) to what is understood of it.
/// It accepts less than Beast's parser does, so that no program in front of the server can understand the same bytes
/// differently. Throws a Refusal, after which the connection must be closed:
///   400 bad_head             not HTTP, a folded field, a control byte, a repeated field that may occur once only
///   400 bad_target           not /path?query, or with // or dot segments, bad escapes, bytes beyond ASCII
///   400 bad_host             not exactly one (HTTP/1.0: at most one), or odd characters
///   400 bad_content_length   more than one, or not a plain number
///   400, 501 transfer_encoding   any: bodies come with a Content-Length
///   415 content_encoding     any
///   417 expectation          other than 100-continue
///   431 too_many_fields
///   505 http_version         other than 1.0 and 1.1
AcceptedHead accept_head(std::string_view bytes, std::size_t max_fields);

}  // namespace dfpipe::server
