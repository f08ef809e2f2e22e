#include "http/multipart.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/exchange.hpp"

namespace dfpipe::server {
namespace {

constexpr MultipartLimits limits = {.part_header = 256, .parts = 4, .total = 512};

struct Outcome {
  std::string code;  ///< of the refusal
  std::vector<Part> parts;
};

/// `cut` gives the size of each next piece.
template <typename Cut>
Outcome read(const std::string& boundary, std::string_view body, Cut cut) {
  try {
    MultipartReader reader(boundary, limits, [](std::string_view name) { return name != "skip"; });
    while (!body.empty()) {
      const std::string_view piece = body.substr(0, cut());
      reader.feed(piece);
      body.remove_prefix(piece.size());
    }
    return {"", reader.finish()};
  } catch (const Refusal& e) {  // anything else is a finding
    return {e.code(), {}};
  }
}

bool same(const Part& a, const Part& b) {
  return a.name == b.name && a.file_name == b.file_name && a.content_type == b.content_type && a.data == b.data;
}

void check(bool holds) {
  if (!holds) std::abort();
}

/// What was read stands in the body, in order, between the boundaries, and within the limits.
void check_parts(const std::vector<Part>& parts, std::string_view body, const std::string& delimiter) {
  std::size_t total = 0;
  for (const Part& one : parts) {
    const std::string_view data(reinterpret_cast<const char*>(one.data.data()), one.data.size());
    const std::size_t at = body.find(data);
    check(at != std::string_view::npos && data.find(delimiter) == std::string_view::npos);
    body.remove_prefix(at + data.size());
    total += data.size();
    check(!one.name.empty() && one.name != "skip" && one.name.size() <= 255 && one.file_name.size() <= 255);
  }
  check(total <= limits.total && parts.size() <= limits.parts);
}

}  // namespace
}  // namespace dfpipe::server

/// The first line is a Content-Type, of which the boundary is taken, or else "x"; the next two bytes choose the cuts,
/// the rest is the body. It must be read alike whole and in pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::server;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  std::string boundary = "x";
  try {
    boundary = multipart_boundary(input.substr(0, line), limits);
    check(!boundary.empty() && boundary.size() <= limits.boundary);
  } catch (const Refusal&) {
  }
  if (input.size() < line + 3) return 0;
  const std::size_t cuts[] = {data[line + 1] % 16U + 1U, data[line + 2] + 1U};
  const std::string_view body = input.substr(line + 3);

  const Outcome whole = read(boundary, body, [] { return std::string_view::npos; });
  std::size_t turn = 0;
  const Outcome pieces = read(boundary, body, [&] { return cuts[turn++ % 2]; });
  check(whole.code == pieces.code && whole.parts.size() == pieces.parts.size());
  check(std::equal(whole.parts.begin(), whole.parts.end(), pieces.parts.begin(), same));
  check_parts(whole.parts, body, "\r\n--" + boundary);
  return 0;
}
