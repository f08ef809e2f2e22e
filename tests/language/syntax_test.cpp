#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planning.hpp"

/// What is no YAML is said in words about pipelines, at the place where a person would look.
namespace dfpipe::language_tests {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* yaml;
  const char* said;  ///< behind the file's name
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Syntax : public ::testing::TestWithParam<Case> {};

TEST_P(Syntax, IsExplained) {
  const Planned result = planned_text(GetParam().yaml);
  EXPECT_FALSE(result.plan.has_value());
  EXPECT_THAT(result.text(), HasSubstr(std::string("pipeline.yaml:") + GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    Language, Syntax,
    ::testing::Values(
        Case{"QuoteOpenInAMap", "nodes:\n  f: {type: \"show, with: {path: x}}\n  g: {type: show}\n",
             "2:13: error: this quote is not closed\n"},
        Case{"SingleQuoteOpenInAMap", "nodes:\n  f: {type: 'show}\n", "2:13: error: this quote is not closed\n"},
        Case{"QuoteClosedByTheNextLine", "nodes:\n  f: {type: \"a}\n  g: {type: \"b\"}\n",
             "2:13: error: this quote is not closed in its line"},
        Case{"QuoteOpenToTheEnd", "about: \"open\nnodes: {}\n", "1:8: error: this quote is not closed\n"},
        Case{"QuoteOpenWithoutALineEnd", "about: \"open", "1:8: error: this quote is not closed\n"},
        Case{"DoubledSingleQuote", "about: 'it''s''\nnodes: {}", "1:8: error: this quote is not closed\n"},
        Case{"Alias", "about: *bold*\n", "1:8: error: aliases (*name) are not part"},
        Case{"AnchorWithoutName", "about: &\n", "1:9: error: anchors (&name) are not part"},
        Case{"ColonWithoutBlank", "pipeline:x\nnodes: {}\n",
             "2:6: error: ':' is not expected here: quote the text if it belongs to it\n"},
        Case{"ColonBeforeABracket", "nodes: {f:{type: x}}\n", "1:11: error: a blank is missing behind the colon\n"},
        Case{"Tab", "nodes:\n  f:\n \ttype: x\n", "3:2: error: a tab in the indentation\n"},
        Case{"Escape", "about: \"\\q\"\n", "1:11: error: an unknown escape in double quotes\n"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(SyntaxHints, NameTheLineAboveAndTheMissingBlank) {
  EXPECT_THAT(planned_text("pipeline:x\nnodes: {}\n").text(), HasSubstr("perhaps the line above lacks ': '"));
  EXPECT_THAT(planned_text("pipeline: x\nnodes\n  f: {}\n").text(), HasSubstr("perhaps the line above lacks ': '"));
  EXPECT_THAT(planned_text("pipeline: x\nnodes:\n  f:{type: x}\n").text(),
              HasSubstr("write a blank behind the colon: f: …"));
}

TEST(SyntaxQuotes, MayEndInALaterLine) {
  EXPECT_TRUE(planned_text(with_nodes("", "about: \"one \\\" line\n  and 'another'\"\n")).plan.has_value());
  EXPECT_TRUE(planned_text(with_nodes("", "about: 'it''s\n  fine'\n")).plan.has_value());
}

TEST(OneLongLine, IsNotCopiedForEachOfItsMistakes) {
  std::string yaml = "{pipeline: x, nodes: {";
  for (int i = 0; i < 9'000; ++i) yaml += "ä" + std::to_string(i) + ": {type: a, colour: red}, ";
  const Planned result = planned_text(yaml + "}}");
  EXPECT_THAT(result.text(), EndsWith("\n500 errors\n"));
  std::size_t kept = 0;
  for (const config::Diagnostic& d : result.diagnostics.all()) kept += d.source_line.size();
  EXPECT_LT(kept, 1'000'000U);
  // The caret stands under what is meant, wherever the line was cut: "…" is one column and three bytes.
  const std::string text = result.text();
  const std::size_t last = text.rfind("unknown type 'a'\n");
  const std::size_t shown = text.find('\n', last) + 1;
  const std::size_t caret = text.find('\n', shown) + 1;
  const std::string line = text.substr(shown, caret - shown), below = text.substr(caret, text.find('^', caret) - caret);
  std::size_t byte = 0;
  for (std::size_t column = 0; column < below.size(); ++column) do
      ++byte;
    while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U);
  EXPECT_THAT(line.substr(byte), ::testing::StartsWith("a, colour: red}")) << text.substr(last);
}

}  // namespace
}  // namespace dfpipe::language_tests
