#pragma once

#include <string>

namespace dfpipe::models {

/// "https" or "http", in lower case; "" for an address that is neither.
std::string scheme_of(const std::string& url);

/// An address without user name and password, for people and files.
std::string shown(const std::string& url);

}  // namespace dfpipe::models
