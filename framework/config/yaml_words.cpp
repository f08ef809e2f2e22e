#include "config/yaml_words.hpp"

#include <array>

namespace dfpipe::config {
namespace {

struct Words {
  std::string_view begins;  ///< the parser's message
  std::string_view message;
  std::string_view hint;
  bool line_above = false;
};

/// All that yaml-cpp 0.7 and 0.8 throw while they read (exceptions.h).
constexpr std::array words{
    Words{"end of map not found", "this line does not continue the map above it: check the indentation and the colons",
          "", true},
    Words{"end of sequence not found", "this line does not continue the list above it: check the indentation", ""},
    Words{"end of map flow not found", "'}' is missing", ""},
    Words{"end of sequence flow not found", "']' is missing", ""},
    Words{"illegal map value", "':' is not expected here: quote the text if it belongs to it", "", true},
    Words{"illegal map key", "'?' is not expected here: quote the text if it belongs to it", ""},
    Words{"illegal block entry", "'-' is not expected here: check the indentation", ""},
    Words{"illegal flow end", "a bracket is closed that was not opened", ""},
    Words{"illegal EOF in scalar", "the file ends within a text", "a quote is missing"},
    Words{"illegal document indicator in scalar", "'---' within a quoted text", "a quote is missing above"},
    Words{"illegal character in scalar", "this character cannot stand in a text without quotes", ""},
    Words{"illegal tab", "a tab in the indentation", "indent with spaces"},
    Words{"unknown token", "this character cannot start a value: quote the text", ""},
    Words{"unknown escape character", "an unknown escape in double quotes",
          "single quotes take every character as it is"},
    Words{"bad character found while scanning hex number", "an escape wants hexadecimal digits here", ""},
    Words{"invalid unicode", "an escape of no character", ""},
    Words{"unexpected character in block scalar", "behind '|' or '>' only a digit and '-' or '+' may stand", ""},
    Words{"the referenced anchor", "aliases (*name) are not part of the pipeline language",
          "quote a text that begins with '*'"},
    Words{"alias not found", "aliases (*name) are not part of the pipeline language",
          "quote a text that begins with '*'"},
    Words{"illegal character found while scanning alias", "aliases (*name) are not part of the pipeline language",
          "quote a text that begins with '*'"},
    Words{"anchor not found", "anchors (&name) are not part of the pipeline language",
          "quote a text that begins with '&'"},
    Words{"illegal character found while scanning anchor", "anchors (&name) are not part of the pipeline language",
          "quote a text that begins with '&'"},
    Words{"end of verbatim tag", "tags (!name) are not part of the pipeline language",
          "quote a text that begins with '!'"},
    Words{"tag handle", "tags (!name) are not part of the pipeline language", "quote a text that begins with '!'"},
    Words{"illegal character found while scanning tag", "tags (!name) are not part of the pipeline language",
          "quote a text that begins with '!'"},
    Words{"YAML ", "directives (%YAML) are not part of the pipeline language", ""},
    Words{"bad YAML version", "directives (%YAML) are not part of the pipeline language", ""},
    Words{"repeated ", "directives (%YAML, %TAG) are not part of the pipeline language", ""},
    Words{"TAG directives", "directives (%TAG) are not part of the pipeline language", ""},
};

}  // namespace

YamlWords in_plain_words(std::string_view parser_message) {
  for (const Words& w : words)
    if (parser_message.starts_with(w.begins)) return {std::string(w.message), std::string(w.hint), w.line_above};
  return {std::string(parser_message), "", false};
}

}  // namespace dfpipe::config
