#pragma once

#include <string>
#include <string_view>

namespace dfpipe::server {

/// What is remembered of an API key: the 32 bytes of its SHA-256. Keys are drawn at random, so no salt is needed.
std::string key_digest(std::string_view key);

}  // namespace dfpipe::server
