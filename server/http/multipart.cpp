#include "http/multipart.hpp"

#include <cstring>
#include <utility>

#include "http/exchange.hpp"
#include "http/part_header.hpp"

namespace dfpipe::server {
namespace {

/// How many of the text's last bytes may begin the delimiter, which goes on in the next piece. It holds no other CR
/// than its first byte: only the text's last CR can be that.
std::size_t begun_delimiter(std::string_view text, std::string_view delimiter) {
  const std::size_t cr = text.rfind('\r');
  if (cr == std::string_view::npos) return 0;
  const std::string_view tail = text.substr(cr);
  return tail.size() < delimiter.size() && delimiter.starts_with(tail) ? tail.size() : 0;
}

[[noreturn]] void malformed(const std::string& what) { throw Refusal(400, "bad_multipart", "multipart body: " + what); }

}  // namespace

MultipartReader::MultipartReader(std::string boundary, MultipartLimits limits,
                                 std::function<bool(std::string_view name)> wanted)
    : delimiter_("\r\n--" + boundary), limits_(limits), wanted_(std::move(wanted)) {}

void MultipartReader::feed(std::string_view bytes) {
  while (!bytes.empty()) switch (state_) {
      case State::preamble:
      case State::data:
        bytes = search_boundary(bytes);
        break;
      case State::after_boundary:
        bytes = read_line_end(bytes);
        break;
      case State::header:
        bytes = read_header(bytes);
        break;
      case State::done:
        return;
    }
}

/// Returns what stands behind the delimiter; nothing when it has not ended yet.
std::string_view MultipartReader::search_boundary(std::string_view bytes) {
  if (matched_ > 0) {
    const std::string_view missing = std::string_view(delimiter_).substr(matched_, bytes.size());
    std::size_t same = 0;
    while (same < missing.size() && bytes[same] == missing[same]) ++same;
    if (same == missing.size()) {
      matched_ += same;
      if (matched_ == delimiter_.size()) state_ = State::after_boundary;
      return bytes.substr(same);
    }
    matched_ += same;
    bytes.remove_prefix(same);
    take_data(std::string_view(delimiter_).substr(phantom_, matched_ - phantom_));  // it was none: data like any other
    matched_ = phantom_ = 0;
  }
  if (const void* found = memmem(bytes.data(), bytes.size(), delimiter_.data(), delimiter_.size())) {
    const auto before = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    take_data(bytes.substr(0, before));
    state_ = State::after_boundary;
    return bytes.substr(before + delimiter_.size());
  }
  matched_ = begun_delimiter(bytes, delimiter_);
  take_data(bytes.substr(0, bytes.size() - matched_));
  return {};
}

/// Behind a boundary stands "--" or the end of its line. The "transport padding" of RFC 2046 is added by mail, not by
/// HTTP.
std::string_view MultipartReader::read_line_end(std::string_view bytes) {
  line_end_ += bytes[0];
  bytes.remove_prefix(1);
  if (line_end_ == "--") {
    state_ = State::done;
  } else if (line_end_ == "\r\n") {
    if (++parts_begun_ > limits_.parts)
      throw Refusal(413, "too_many_parts", "more than " + std::to_string(limits_.parts) + " parts");
    header_ = std::exchange(line_end_, {});
    state_ = State::header;
  } else if (line_end_ != "\r" && line_end_ != "-") {
    malformed("a boundary is followed by something else than \"--\" or the end of its line");
  }
  return bytes;
}

std::string_view MultipartReader::read_header(std::string_view bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const std::size_t room = limits_.part_header + 2 - header_.size();  // the boundary's line end is not counted
  const std::size_t before = header_.size();
  header_ += bytes.substr(0, room);
  const std::size_t at = header_.find(end, before < end.size() ? 0 : before - (end.size() - 1));
  if (at != std::string::npos) {
    bytes.remove_prefix(at + end.size() - before);
    header_.resize(at);
    begin_part();
    return bytes;
  }
  if (bytes.size() >= room)
    throw Refusal(413, "part_header_too_large",
                  "the header of a part has more than " + std::to_string(limits_.part_header) + " bytes");
  return {};
}

void MultipartReader::begin_part() {
  // Without fields the blank line is the boundary's own line end, and nothing stands between the two.
  Part part = parse_part_header(header_.size() > 2 ? std::string_view(header_).substr(2) : "");
  keeps_ = wanted_(part.name);
  if (keeps_) parts_.push_back(std::move(part));
  matched_ = phantom_ = 2;
  state_ = State::data;
}

void MultipartReader::take_data(std::string_view bytes) {
  if (state_ != State::data) return;
  if (bytes.size() > limits_.total - total_)
    throw Refusal(413, "body_too_large",
                  "the parts have more than " + std::to_string(limits_.total) + " bytes of data");
  total_ += bytes.size();
  if (!keeps_) return;
  auto& data = parts_.back().data;
  data.insert(data.end(), bytes.begin(), bytes.end());
}

std::vector<Part> MultipartReader::finish() {
  if (state_ != State::done) throw Refusal(400, "truncated_multipart", "the multipart body has no closing boundary");
  return std::move(parts_);
}

}  // namespace dfpipe::server
