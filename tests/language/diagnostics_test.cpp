#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "planning.hpp"

/// Every tests/data/language/NAME.yaml is planned, and what is said about it is compared with NAME.txt to the letter.
/// Comments at its top give the command line: "# set: a.b=c", "# deterministic".
namespace dfpipe::language_tests {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(DFPIPE_SOURCE_DIR) / "tests/data/language"))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

class GoldenDiagnostics : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenDiagnostics, AreSaidToTheLetter) {
  const fs::path folder = "tests/data/language";
  const fs::path file = folder / (GetParam() + ".yaml");
  std::vector<std::string> set;
  bool deterministic = false;
  std::istringstream lines(content_of(file));
  for (std::string line; std::getline(lines, line) && line.starts_with('#');) {
    if (line.starts_with("# set: ")) set.push_back(line.substr(7));
    if (line == "# deterministic") deterministic = true;
  }
  const Planned result = planned(file, set, deterministic);
  EXPECT_EQ(result.text(), content_of(folder / (GetParam() + ".txt")));
  EXPECT_EQ(result.plan.has_value(), !result.diagnostics.has_errors());
}

INSTANTIATE_TEST_SUITE_P(Language, GoldenDiagnostics, ::testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(DidYouMean, FindsTypingErrorsAndNothingElse) {
  using config::did_you_mean;
  const std::vector<std::string> words{"decode", "image", "face-crop", "a"};
  EXPECT_EQ(did_you_mean("decdoe", words), "decode") << "two letters in the wrong order";
  EXPECT_EQ(did_you_mean("face_crop", words), "face-crop");
  EXPECT_EQ(did_you_mean("IMAGE", words), "image");
  EXPECT_EQ(did_you_mean("spectrum", words), "");
  EXPECT_EQ(did_you_mean("b", words), "") << "one letter is not like another";
  EXPECT_EQ(did_you_mean("", words), "");
}

TEST(Diagnostics, AreSortedCountedAndCutToAReadableWidth) {
  config::Diagnostics all;
  const std::string wide = std::string(300, 'x') + "HERE" + std::string(300, 'y');
  all.add({config::Diagnostic::Severity::warning, {"b.yaml", 1, 1}, "second", "", "text"});
  all.add({config::Diagnostic::Severity::error, {"a.yaml", 2, 301}, "first", "hint", wide});
  const std::string text = all.text();
  EXPECT_LT(text.find("first"), text.find("second"));
  EXPECT_TRUE(text.ends_with("1 error, 1 warning\n")) << text;
  std::istringstream lines(text);
  std::string head, line, caret;
  std::getline(lines, head);
  std::getline(lines, line);
  std::getline(lines, caret);
  EXPECT_LT(line.size(), 170U);
  // "…" takes three bytes and one column.
  EXPECT_EQ(line.substr(caret.find('^') + 2, 4), "HERE") << text;
}

}  // namespace
}  // namespace dfpipe::language_tests
