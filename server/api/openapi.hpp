#pragma once

#include <string>

namespace dfpipe::server {

/// server/openapi.yaml, which is compiled in, as JSON.
std::string openapi_json();

}  // namespace dfpipe::server
