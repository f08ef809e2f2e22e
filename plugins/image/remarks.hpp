#pragma once

#include <new>
#include <string>
#include <vector>

namespace dfpipe::codec {

/// Keeps what a C library remarks about a file, the first few. Throws nothing: it is called from the library's own
/// frames.
inline void remark(std::vector<std::string>& all, const char* text) noexcept try {
  constexpr std::size_t most = 8;
  if (all.size() < most) all.emplace_back(text);
} catch (const std::bad_alloc&) {
  return;  // a remark less
}

}  // namespace dfpipe::codec
