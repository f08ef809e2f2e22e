#pragma once

#include "http/exchange.hpp"
#include "http/static_files.hpp"

namespace dfpipe::server {

/// The answer to GET of a file: compressed when the client takes gzip, 304 when its If-None-Match names what it would
/// get (RFC 9110, 12.5.3 and 13.1.2).
Response static_answer(const StaticFiles::File& file, const RequestHead& head);

}  // namespace dfpipe::server
