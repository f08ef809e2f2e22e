#pragma once

#include <string_view>

#include "http/multipart.hpp"

namespace dfpipe::server {

/// The part that a header announces: lines with CR LF between them, without the empty line. Throws a Refusal, 400
/// "bad_multipart", for anything that is no field, a folded line, two fields that count (Content-Disposition,
/// Content-Type), and for a part that is no form-data or has no name. `filename*` is ignored (RFC 7578, 4.2).
Part parse_part_header(std::string_view header);

}  // namespace dfpipe::server
