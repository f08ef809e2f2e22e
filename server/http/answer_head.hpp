#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// How one answer is sent.
struct Framing {
  bool http_1_0 = false;
  bool close = false;
  /// Its length is not known: chunked for HTTP/1.1, ended by the connection's end for 1.0.
  bool endless = false;
};

/// The status line and all fields of an answer, with the empty line. `extra` are fields besides the response's own, an
/// equal "Vary" is joined. Every answer carries the request's id, the date and the fields that keep browsers strict.
/// A field with a line end or another control byte in it is left out: nothing a client sent can add a field.
std::string answer_head(const Response& response, const HeaderFields& extra, const std::string& request_id,
                        const Framing& framing);

/// Whether a status comes without a body and without a length.
bool bodiless(unsigned status) noexcept;

}  // namespace dfpipe::server
