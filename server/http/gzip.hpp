#pragma once

#include <string>
#include <string_view>

namespace dfpipe::server {

/// A gzip file (RFC 1952) of the bytes, as small as zlib makes it, the same for the same bytes.
std::string gzip_bytes(std::string_view bytes);

/// Whether `gzip` is a whole gzip file with exactly these bytes. Never unpacks more than that.
bool gzip_holds(std::string_view gzip, std::string_view bytes);

}  // namespace dfpipe::server
