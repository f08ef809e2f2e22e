#pragma once

#include <string>

namespace dfpipe::server {

/// 32 hexadecimal digits that name a request in answers and logs. They do not repeat; they are no secret.
std::string make_request_id();

}  // namespace dfpipe::server
