#include "http/part_header.hpp"

#include <algorithm>
#include <optional>

#include "http/exchange.hpp"
#include "http/header_value.hpp"
#include "http/text.hpp"
#include "http/valid_utf8.hpp"

namespace dfpipe::server {
namespace {

constexpr std::size_t longest_name = 255;

[[noreturn]] void malformed(const std::string& what) {
  throw Refusal(400, "bad_multipart", "the header of a part: " + what);
}

bool is_control(char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7F'; }

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 2, text.size()));
  return line;
}

struct Field {
  std::string name;
  std::string_view value;
};

Field read_field(std::string_view line) {
  if (std::any_of(line.begin(), line.end(), is_control)) malformed("a control character or a line end without CR LF");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    malformed("a line is no field, or a folded one");
  return {lower_case(line.substr(0, colon)), trimmed(line.substr(colon + 1))};
}

void set_once(std::optional<std::string_view>& field, std::string_view value, const char* name) {
  if (field) malformed(std::string("two fields ") + name);
  field = value;
}

void read_disposition(std::string_view text, Part& part) {
  const auto parsed = parse_header_value(text);
  if (!parsed || parsed->value != "form-data") malformed("Content-Disposition is no form-data");
  if (parsed->count("name") > 1 || parsed->count("filename") > 1) malformed("a name is given twice");
  part.name = valid_utf8(parsed->parameter("name"), longest_name);
  if (part.name.empty()) malformed("the part has no name");
  part.file_name = valid_utf8(parsed->parameter("filename"), longest_name);
}

}  // namespace

Part parse_part_header(std::string_view header) {
  std::optional<std::string_view> disposition, type;
  while (!header.empty()) {
    const Field field = read_field(take_line(header));
    if (field.name == "content-disposition") set_once(disposition, field.value, "Content-Disposition");
    if (field.name == "content-type") set_once(type, field.value, "Content-Type");
  }
  if (!disposition) malformed("the part has no Content-Disposition");
  Part part;
  read_disposition(*disposition, part);
  if (type) part.content_type = *type;
  return part;
}

}  // namespace dfpipe::server
