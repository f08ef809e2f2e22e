#pragma once

#include <map>
#include <string>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// The API keys, by their SHA-256.
class KeyRing {
 public:
  explicit KeyRing(std::map<std::string, std::string> names_by_digest) : keys_(std::move(names_by_digest)) {}

  /// The name of the key in "Authorization: Bearer KEY" or "X-Api-Key: KEY"; empty when no key is wanted. Throws a
  /// Refusal, 401 "unauthorized". The time it takes does not tell how much of a key was right.
  std::string name_of(const RequestHead& head) const;

 private:
  std::map<std::string, std::string> keys_;
};

}  // namespace dfpipe::server
