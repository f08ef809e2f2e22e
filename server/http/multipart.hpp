#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dfpipe::server {

/// One file or value of a multipart/form-data body.
struct Part {
  std::string name;          ///< of the field
  std::string file_name;     ///< as sent, UTF-8 made valid, at most 255 bytes; never used as a path
  std::string content_type;  ///< as sent; empty when absent
  std::vector<std::uint8_t> data;
};

struct MultipartLimits {
  std::size_t boundary = 70;       ///< characters (RFC 2046, 5.1.1)
  std::size_t part_header = 4096;  ///< bytes
  std::size_t parts = 64;
  std::uint64_t total = 20'000'000;  ///< bytes of all parts' data
};

/// The boundary of a Content-Type, or a Refusal: 415 "content_type" when it is not multipart/form-data, 400
/// "bad_boundary" when the boundary is missing, too long or holds characters that RFC 2046 does not allow.
std::string multipart_boundary(std::string_view content_type, const MultipartLimits& limits);

/// Reads a multipart/form-data body (RFC 7578, RFC 2046) piece by piece, in memory only. Pieces may be cut anywhere.
/// Lines end with CR LF only. What stands before the first boundary and behind the closing one is ignored. A boundary
/// that goes on as something else (`--AaBx` for `AaB`) is malformed: RFC 2046 calls it a boundary, some servers do not.
class MultipartReader {
 public:
  /// `wanted` says whether a field's data is kept; others are read over and still counted.
  MultipartReader(std::string boundary, MultipartLimits limits, std::function<bool(std::string_view name)> wanted);
  /// Throws a Refusal: 400 "bad_multipart" for a malformed body or a part without a name, 413 "too_many_parts",
  /// 413 "part_header_too_large", 413 "body_too_large". The reader is then of no further use.
  void feed(std::string_view bytes);
  /// The parts that were wanted, in order. Throws a Refusal, 400 "truncated_multipart", when the closing boundary has
  /// not come.
  std::vector<Part> finish();

 private:
  enum class State { preamble, after_boundary, header, data, done };

  std::string_view search_boundary(std::string_view bytes);
  std::string_view read_line_end(std::string_view bytes);
  std::string_view read_header(std::string_view bytes);
  void begin_part();
  void take_data(std::string_view bytes);

  std::string delimiter_;  ///< CR LF "--" boundary
  MultipartLimits limits_;
  std::function<bool(std::string_view name)> wanted_;
  State state_ = State::preamble;
  /// So many bytes of the delimiter have been seen at the end of the last piece; the first `phantom_` of them have not
  /// come with the data: its line end is that of the line before, or the beginning of the body.
  std::size_t matched_ = 2;
  std::size_t phantom_ = 2;
  std::string line_end_;  ///< what has come behind a boundary
  std::string header_;    ///< from the line end of the boundary on
  std::vector<Part> parts_;
  std::size_t parts_begun_ = 0;
  std::uint64_t total_ = 0;
  bool keeps_ = false;  ///< the data that comes belongs to parts_.back()
};

}  // namespace dfpipe::server
