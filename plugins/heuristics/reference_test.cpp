#include "reference.hpp"

#include <gmock/gmock.h>

#include "judging.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::heuristics {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::ScratchFolder;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The compiled-in one as text, with one piece replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = to_yaml(built_in_reference(Anchor::landmarks));
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::invalid_argument(from);
  return text.replace(at, from.size(), to);
}

std::string complaint(const std::string& text) {
  try {
    parse_reference(text, "r.yaml");
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

TEST(Reference, IsReadBackAsItWasWritten) {
  const Reference& before = built_in_reference(Anchor::landmarks);
  const Reference after = parse_reference(to_yaml(before), "r.yaml");
  EXPECT_EQ(to_yaml(after), to_yaml(before));
  EXPECT_EQ(after.faces, before.faces);
  EXPECT_EQ(after.source, before.source);
}

TEST(Reference, ThoseCompiledInStandOnEnoughFaces) {
  for (const Anchor anchor : {Anchor::landmarks, Anchor::key_points, Anchor::eyes, Anchor::box}) {
    EXPECT_GE(built_in_reference(anchor).faces, 100);
    for (const MeasureReference& measure : built_in_reference(anchor).measures) EXPECT_GE(measure.faces, 20);
  }
}

TEST(Reference, SaysWhereAKeyIsMissingUnknownOrDoubled) {
  EXPECT_EQ(complaint(changed("faces: ", "face: ")),
            "r.yaml:1:1: error: the reference has no 'face' (faces, source, measures)");
  EXPECT_THAT(complaint(changed("  edges:", "  borders:")),
              HasSubstr(": error: 'measures' has no 'borders' (symmetry, "));
  EXPECT_THAT(complaint(changed("    weight: 0.1\n", "")),
              HasSubstr(": error: measure 'symmetry': 'weight' is missing"));
  EXPECT_THAT(complaint(changed("      ssim: ", "      sim: ")),
              HasSubstr("measure 'symmetry': 'parts' has no 'sim' (ssim)"));
  EXPECT_THAT(complaint("faces: 30\nsource: {}\nfaces: 30\nmeasures: {}\n"),
              StartsWith("r.yaml:3:1: error: the reference: 'faces' is there twice"));
}

TEST(Reference, PercentilesAreFourAscendingNumbers) {
  const auto with = [](const std::string& numbers) {
    std::string text = to_yaml(built_in_reference(Anchor::landmarks));
    const std::size_t at = text.find("ssim: ") + 6;
    return complaint(text.replace(at, text.find('\n', at) - at, numbers));
  };
  const std::string part = "measure 'symmetry', part 'ssim'";
  EXPECT_THAT(with("[0.1, 0.3, 0.2, 0.4]"), HasSubstr(": error: " + part + ": the percentiles must ascend"));
  EXPECT_THAT(with("[0.1, 0.2, 0.3]"), HasSubstr(part + " must be four numbers: percentiles 1, 10, 90 and 99"));
  EXPECT_THAT(with("0.1"), HasSubstr(part + " must be four numbers"));
  EXPECT_THAT(with("[0.1, high, 0.3, 0.4]"), HasSubstr(part + ": percentile 2 must be a number, not 'high'"));
  EXPECT_THAT(with("[0.1, .nan, 0.3, 0.4]"), HasSubstr(part + ": percentile 2 must be a number, not '.nan'"));
  EXPECT_THAT(with("[0.1, 0.2, 0.3, .inf]"), HasSubstr("must be a number, not '.inf'"));
  EXPECT_THAT(with("[0.1, 0.2, 0.3, [0.4]]"), HasSubstr("percentile 4 must be a number"));
  EXPECT_EQ(with("[0.1, 0.2, 0.2, 0.2]"), "");
}

TEST(Reference, WeightsAndCountsHaveBounds) {
  EXPECT_THAT(complaint(changed("weight: 0.1", "weight: -1")), HasSubstr("measure 'symmetry': 'weight' is below 0"));
  EXPECT_THAT(complaint(changed("weight: 0.1", "weight: much")), HasSubstr("'weight' must be a number, not 'much'"));
  EXPECT_THAT(complaint(changed("faces: ", "faces: -")), HasSubstr("'faces' must be a whole number above 0"));
  std::string text = to_yaml(built_in_reference(Anchor::landmarks));
  for (std::size_t at = text.find("weight: "); at != std::string::npos; at = text.find("weight: ", at + 9))
    text.replace(at, text.find('\n', at) - at, "weight: 0");
  EXPECT_THAT(complaint(text), HasSubstr("all weights are 0"));
}

TEST(Reference, WhatIsNoYamlTextIsRefused) {
  EXPECT_EQ(complaint(""), "r.yaml: error: the file is empty");
  EXPECT_EQ(complaint(" \n\t\n"), "r.yaml: error: the file is empty");
  EXPECT_EQ(complaint("faces: 3 \xff\n"), "r.yaml: error: the file is not UTF-8 text");
  EXPECT_THAT(complaint("faces: [1, 2\n"), StartsWith("r.yaml:2:"));
  EXPECT_THAT(complaint("just text"), StartsWith("r.yaml:1:1: error: the reference must be a map"));
  EXPECT_THAT(complaint("# a comment\n"), HasSubstr("error: "));
  EXPECT_THAT(complaint("faces: 1\n---\nfaces: 2\n"), HasSubstr("one YAML document"));
  EXPECT_THAT(complaint(std::string(60'000, '[')), HasSubstr("error: "));
  EXPECT_THAT(complaint("? [a]\n: 1\n"), HasSubstr("a key must be a name"));
}

std::string opening(const std::filesystem::path& file) {
  NodeRunner node("heuristics");
  node.set("reference", file);
  try {
    node.open();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

TEST(Reference, AFileThatIsNoneIsNamed) {
  const ScratchFolder folder;
  EXPECT_THAT(opening(folder / "missing.yaml"), StartsWith((folder / "missing.yaml").string() + ": error: "));
  EXPECT_THAT(opening(folder.path()), StartsWith(folder.path().string() + ": error: "));
  EXPECT_EQ(opening(folder.write("empty.yaml", "")), (folder / "empty.yaml").string() + ": error: the file is empty");
  EXPECT_THAT(opening(folder.write("huge.yaml", std::string(1 << 20, '#'))),
              StartsWith((folder / "huge.yaml").string() + ": error: "));
  EXPECT_THAT(opening(folder.write("wrong.yaml", "faces: 1\n")),
              StartsWith((folder / "wrong.yaml").string() + ":1:1: error: the reference: 'source' is missing"));
  EXPECT_EQ(opening(folder.write("good.yaml", to_yaml(built_in_reference(Anchor::landmarks)))), "");
}

TEST(Reference, TheOriginalsProfileHasNone) {
  const ScratchFolder folder;
  NodeRunner node("heuristics");
  node.set("profile", std::string("original"));
  node.set("reference", folder.write("r.yaml", to_yaml(built_in_reference(Anchor::landmarks))));
  EXPECT_THROW(node.open(), std::invalid_argument);
}

TEST(Band, IsOneAmongMostAndFallsToZeroAtTheExtremes) {
  const Percentiles usual{1, 2, 4, 8};
  for (const auto& [value, low, either, high] : std::vector<std::array<double, 4>>{{0, 0, 0, 1},
                                                                                   {1, 0, 0, 1},
                                                                                   {1.5, 0.5, 0.5, 1},
                                                                                   {2, 1, 1, 1},
                                                                                   {3, 1, 1, 1},
                                                                                   {4, 1, 1, 1},
                                                                                   {6, 1, 0.5, 0.5},
                                                                                   {9, 1, 0, 0}}) {
    EXPECT_DOUBLE_EQ(band(value, usual, OddWhen::low), low) << value;
    EXPECT_DOUBLE_EQ(band(value, usual, OddWhen::either), either) << value;
    EXPECT_DOUBLE_EQ(band(value, usual, OddWhen::high), high) << value;
  }
  const Percentiles one{1, 1, 1, 1};
  EXPECT_EQ(band(1, one, OddWhen::either), 1);
  EXPECT_EQ(band(0.999, one, OddWhen::either), 0);
}

Measure scored(std::string name, double score, double validity) {
  return {.name = std::move(name), .value = 1, .score = score, .validity = validity};
}

TEST(Total, IsTheValidMeanAndEmptyWithTooLittleEvidence) {
  const Reference& reference = built_in_reference(Anchor::landmarks);
  std::vector<Measure> all;
  for (const MeasureDefinition& one : definitions()) all.push_back(scored(std::string(one.name), 1, 1));
  all[1].score = 0.25;
  all[2] = scored("texture", 0, 0.5);
  const auto w = [&](std::size_t i) { return reference.measures[i].weight; };
  const Measures sum = summed_up(all, reference);
  EXPECT_NEAR(sum.total.value(),
              (w(0) + 0.25 * w(1) + w(3) + w(4) + w(5)) / (w(0) + w(1) + w(2) / 2 + w(3) + w(4) + w(5)), 1e-4);
  EXPECT_EQ(sum.worst, "eyes") << "texture is not valid enough";
  all[1].score = 1;
  EXPECT_EQ(summed_up(all, reference).worst, "") << "none is below 1";
  for (Measure& one : all) one.validity = 0.29;
  EXPECT_FALSE(summed_up(all, reference).total);
  EXPECT_EQ(summed_up(all, reference).worst, "");
  for (Measure& one : all) one.validity = 0.31;
  EXPECT_TRUE(summed_up(all, reference).total);
}

TEST(Judge, MissingPartsCostValidityNotScore) {
  const MeasureDefinition& noise = definitions()[5];
  const MeasureReference usual{.weight = 1, .faces = 20, .parts = {{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}}};
  const Measure some = judge({{std::nullopt, 1.5, 0.5}, 1, ""}, noise, usual);
  EXPECT_FALSE(some.value) << "the first part is the value";
  EXPECT_EQ(some.validity, 0.6);
  EXPECT_NEAR(some.score.value(), (0.4 * 1 + 0.2 * 0.5) / 0.6, 1e-4);
  EXPECT_EQ(some.note, "the noise of red and green agrees to 0.50, less than in most photographs (1.00 and more)");
  const Measure none = judge({{}, 0.7, "too dark"}, noise, usual);
  EXPECT_FALSE(none.score);
  EXPECT_EQ(none.validity, 0.0);
  EXPECT_EQ(none.note, "too dark");
}

}  // namespace
}  // namespace dfpipe::heuristics
