#pragma once

#include <string>
#include <string_view>

#include "dfpipe/param.hpp"

namespace dfpipe::plan {

/// Writes block YAML line by line, with a comment behind a value where one is wanted.
class YamlWriter {
 public:
  explicit YamlWriter(bool comments) : comments_(comments) {}
  /// "key:" and everything until `close` one level further in.
  void open(const std::string& key, const std::string& comment = {});
  void close() { indent_ -= 2; }
  /// `value` is YAML already.
  void line(const std::string& key, const std::string& value, const std::string& comment = {});
  /// A line of its own.
  void comment(const std::string& text) { text_ += std::string(indent_, ' ') + "# " + text + "\n"; }
  bool comments() const noexcept { return comments_; }
  const std::string& text() const noexcept { return text_; }

 private:
  bool comments_;
  std::size_t indent_ = 0;
  std::string text_;
};

/// A text as a YAML scalar that reads back as the same text: for names, in which nothing is replaced.
std::string yaml_name(std::string_view text);
/// The same where ${name} would be replaced: "${" is escaped.
std::string yaml_text(std::string_view text);

/// A parameter's value as YAML; paths absolute, or as they are.
std::string yaml_value(const ParamValue& value, bool absolute_paths);

}  // namespace dfpipe::plan
