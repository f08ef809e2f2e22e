#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "http/multipart.hpp"

namespace dfpipe::server {

struct Upload {
  std::string file_name;  ///< empty when the client gave none
  std::vector<std::uint8_t> bytes;
};

/// Bytes that a form of so many files may have besides their data: boundaries and part headers, other small fields.
constexpr std::uint64_t form_bytes(std::size_t files) { return 65'536 + 1024 * static_cast<std::uint64_t>(files); }

/// The pictures of a request: the files of a multipart body's fields `image`, or the body itself.
class UploadReader {
 public:
  /// Throws a Refusal: 415 "content_type", 400 "no_image" without any body, and what the boundary gives.
  UploadReader(const RequestHead& head, std::size_t files, std::uint64_t bytes);
  void receive(std::string_view bytes);
  /// Throws a Refusal: 400 "no_image" with the original's sentence when there is none, 413 "too_many_files".
  std::vector<Upload> finish();

 private:
  std::size_t files_;
  std::optional<MultipartReader> parts_;
  std::vector<std::uint8_t> whole_;
};

}  // namespace dfpipe::server
