#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// CSV as RFC 4180 has it, read with LF as well as CRLF, from a text that is whole in memory.
namespace dfpipe::datasets {

/// Longest record, or line of JSON, in bytes. A longer one is no row of a manifest.
inline constexpr std::size_t longest_record = 64 << 10;

struct CsvRecord {
  std::size_t line = 0;  ///< where it begins, from 1
  std::vector<std::string> fields;
};

/// Reads record after record. Lines without a character are passed over.
class CsvReader {
 public:
  /// `name` stands before the line in messages. The text must outlive the reader.
  CsvReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

  /// The next record, or nothing at the end. Throws Error ("manifest") with name and line: a quote inside a field that
  /// does not begin with one, text behind a closing quote, a quote that is never closed, more than longest_record.
  std::optional<CsvRecord> next();

 private:
  std::string quoted_field(std::size_t record_begin);
  std::string plain_field(std::size_t record_begin);
  void end_of_line();
  [[noreturn]] void fail(std::size_t line, const std::string& what) const;

  std::string_view text_;
  std::string name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

/// A field as it is written: in quotes where it holds a comma, a quote or a line end.
std::string csv_field(std::string_view text);

}  // namespace dfpipe::datasets
