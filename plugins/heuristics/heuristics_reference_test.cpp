#include <gmock/gmock.h>

#include "judging.hpp"
#include "percentiles.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::heuristics {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::ScratchFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A face whose every part measures `value`.
Measures face(double value, double validity = 1) {
  std::vector<Measure> all;
  for (const MeasureDefinition& definition : definitions()) {
    Measure one{.name = std::string(definition.name), .value = value, .score = 1, .validity = validity};
    for (const PartDefinition& part : definition.parts) one.parts.push_back({std::string(part.name), value});
    all.push_back(std::move(one));
  }
  return {.all = std::move(all)};
}

class ReferenceFile : public ::testing::Test {
 protected:
  ReferenceFile() : node_("heuristics-reference") {
    node_.set("file", folder_ / "out/r.yaml");
    node_.facts({{"faces", {{"detector", "yunet"}}}, {"measure", {{"profile", "calibrated"}}}});
  }
  void add(std::vector<Measures> faces) {
    List<Measures> list;
    for (Measures& one : faces) list.push_back(std::move(one));
    node_.in("measures", std::move(list)).run();
  }
  std::string closing() {
    try {
      node_.close();
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  }

  ScratchFolder folder_;
  NodeRunner node_;
};

TEST_F(ReferenceFile, HoldsThePercentilesOfValidFaces) {
  for (int i = 100; i >= 0; --i) add({face(i), face(1e6, 0.5)});
  ASSERT_EQ(closing(), "");
  const Reference made = parse_reference(folder_.read("out/r.yaml"), "r.yaml");
  EXPECT_EQ(made.faces, 202);
  EXPECT_EQ(made.source.at("detector"), "yunet");
  for (std::size_t i = 0; i < measure_count; ++i) {
    EXPECT_EQ(made.measures[i].faces, 101);
    EXPECT_EQ(made.measures[i].weight, definitions()[i].weight);
    for (const Percentiles& p : made.measures[i].parts) {
      EXPECT_EQ(p.p1, 1);
      EXPECT_EQ(p.p10, 10);
      EXPECT_EQ(p.p90, 90);
      EXPECT_EQ(p.p99, 99);
    }
  }
}

TEST_F(ReferenceFile, TooFewFacesAreAnErrorThatSaysWhy) {
  for (int i = 0; i < 19; ++i) add({face(i)});
  Measures dark = face(3);
  dark.all[0] = {.name = "symmetry", .validity = 0, .note = "too dark"};
  add({dark, dark});
  EXPECT_THAT(closing(), AllOf(HasSubstr("of 21, 19 count for 'symmetry.ssim', and 20 are needed; nothing was written"),
                               HasSubstr("2: too dark")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/r.yaml"));
}

TEST_F(ReferenceFile, NoFaceAtAllIsTooFew) {
  node_.open();
  EXPECT_THAT(closing(), HasSubstr("too few faces: of 0, 0 count"));
}

TEST_F(ReferenceFile, FailedPicturesAndFacesAreLeftOut) {
  for (int i = 0; i < 20; ++i) add({face(i)});
  node_.in_failed("measures", "decode", "truncated").run();
  EXPECT_EQ(closing(), "");
  EXPECT_EQ(parse_reference(folder_.read("out/r.yaml"), "r.yaml").faces, 20);
}

TEST_F(ReferenceFile, AStoppedRunKeepsTheEarlierFile) {
  folder_.write("out/r.yaml", "earlier");
  for (int i = 0; i < 30; ++i) add({face(i)});
  node_.close(Outcome::stopped);
  EXPECT_EQ(folder_.read("out/r.yaml"), "earlier");
}

TEST_F(ReferenceFile, MeasuresOfTheOriginalAreRefused) {
  Measures flat = face(1);
  for (Measure& one : flat.all) one.validity.reset();
  EXPECT_THROW(add({flat}), Fatal);
}

TEST(Quantile, IsInterpolatedBetweenTheNearest) {
  const std::vector<double> values{1, 2, 4};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 0.25), 1.5);
  EXPECT_EQ(quantile(values, 0.5), 2);
  EXPECT_EQ(quantile(values, 0.75), 3);
  EXPECT_EQ(quantile(values, 1), 4);
  EXPECT_EQ(quantile(std::vector<double>{7}, 0.3), 7);
}

}  // namespace
}  // namespace dfpipe::heuristics
