#include "csv.hpp"

#include "dfpipe/error.hpp"

namespace dfpipe::datasets {

void CsvReader::fail(std::size_t line, const std::string& what) const {
  throw Error(name_ + ":" + std::to_string(line) + ": " + what, "manifest");
}

void CsvReader::end_of_line() {
  if (at_ < text_.size() && text_[at_] == '\r' && text_.substr(at_ + 1, 1) == "\n") ++at_;
  if (at_ < text_.size() && text_[at_] == '\n') {
    ++at_;
    ++line_;
  }
}

std::string CsvReader::quoted_field(std::size_t record_begin) {
  const std::size_t opened = line_;
  std::string field;
  for (++at_;; ++at_) {
    if (at_ - record_begin > longest_record)
      fail(opened, "a record has more than " + std::to_string(longest_record) + " bytes; is a quote missing?");
    if (at_ >= text_.size()) fail(opened, "a quote is opened and never closed");
    if (text_[at_] == '"') {
      if (text_.substr(at_ + 1, 1) != "\"") break;
      ++at_;
    }
    if (text_[at_] == '\n') ++line_;
    field += text_[at_];
  }
  ++at_;
  const std::string_view rest = text_.substr(at_);
  if (!rest.empty() && rest[0] != ',' && rest[0] != '\n' && !rest.starts_with("\r\n"))
    fail(line_, "there is text behind a closing quote");
  return field;
}

std::string CsvReader::plain_field(std::size_t record_begin) {
  const std::size_t begin = at_;
  for (; at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n'; ++at_) {
    if (at_ - record_begin > longest_record)
      fail(line_, "a record has more than " + std::to_string(longest_record) + " bytes");
    if (text_[at_] == '"') fail(line_, "a quote stands inside a field that does not begin with one");
    if (text_[at_] == '\r' && text_.substr(at_ + 1, 1) == "\n") break;
  }
  return std::string(text_.substr(begin, at_ - begin));
}

std::optional<CsvRecord> CsvReader::next() {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n")) end_of_line();
  if (at_ >= text_.size()) return std::nullopt;
  CsvRecord record{.line = line_, .fields = {}};
  for (const std::size_t begin = at_;; ++at_) {
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    record.fields.push_back(quoted ? quoted_field(begin) : plain_field(begin));
    if (at_ >= text_.size() || text_[at_] != ',') break;
  }
  end_of_line();
  return record;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace dfpipe::datasets
