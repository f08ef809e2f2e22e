#include "dfpipe/base64.hpp"

#include <openssl/evp.h>

namespace dfpipe {

std::string base64(std::span<const std::uint8_t> data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');
  const int n =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data.data(), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(n));
  return text;
}

}  // namespace dfpipe
