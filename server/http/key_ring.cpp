#include "http/key_ring.hpp"

#include <openssl/crypto.h>

#include "http/keys.hpp"
#include "http/text.hpp"

namespace dfpipe::server {
namespace {

std::string_view given_key(const RequestHead& head) {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = head.field("Authorization");
  if (authorization.size() > scheme.size() && same_word(authorization.substr(0, scheme.size()), scheme)) {
    return trimmed(authorization.substr(scheme.size()));
  }
  return head.field("X-Api-Key");
}

}  // namespace

std::string KeyRing::name_of(const RequestHead& head) const {
  if (keys_.empty()) return {};
  const auto key = given_key(head);
  const std::string digest = key_digest(key);
  const std::string* name = nullptr;
  for (const auto& [known, its_name] : keys_) {  // all of them, whichever it is
    if (known.size() == digest.size() && CRYPTO_memcmp(known.data(), digest.data(), digest.size()) == 0)
      name = &its_name;
  }
  if (!name) {
    throw Refusal(
        401, "unauthorized",
        key.empty() ? "an API key is needed: Authorization: Bearer KEY, or X-Api-Key: KEY" : "the API key is not known",
        {{"WWW-Authenticate", "Bearer"}});
  }
  return *name;
}

}  // namespace dfpipe::server
