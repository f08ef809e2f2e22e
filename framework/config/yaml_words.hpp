#pragma once

#include <string>
#include <string_view>

namespace dfpipe::config {

/// What the YAML parser says, in the words of somebody who writes pipelines.
struct YamlWords {
  std::string message;
  std::string hint;
  bool line_above = false;  ///< a key of the line above that lacks its colon looks the same to the parser
};
YamlWords in_plain_words(std::string_view parser_message);

}  // namespace dfpipe::config
