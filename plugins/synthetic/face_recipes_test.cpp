#include <gmock/gmock.h>

#include <map>
#include <set>

#include "dfpipe/types/basic.hpp"
#include "manipulation.hpp"
#include "recipe.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::synthetic {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;
using Texts = std::vector<std::string>;

NodeRunner planned(std::int64_t train, std::int64_t validation, std::int64_t test) {
  NodeRunner node("face-recipes");
  node.set("train", train).set("validation", validation).set("test", test);
  return node;
}

std::string path(const Outputs& one) { return one.get<std::string>("path"); }

/// "camera-a/Train/Fake" to the kinds in it and how many there are.
using Folders = std::map<std::string, std::map<std::string, int>>;
Folders folders(NodeRunner node) {
  Folders found;
  for (const Outputs& one : node.run_source())
    ++found[path(one).substr(0, path(one).rfind('/'))][one.get<Recipe>("recipe").kind];
  return found;
}

TEST(FaceRecipes, GiveEachCameraItsSplitsWithAsManyFakesAsReals) {
  const Folders found = folders(planned(8, 8, 12));
  EXPECT_EQ(found.size(), 12u);
  for (const std::string dataset : {"camera-a", "camera-b"}) {
    EXPECT_EQ(found.at(dataset + "/Train/Real"), (std::map<std::string, int>{{"", 4}}));
    EXPECT_EQ(found.at(dataset + "/Test/Real"), (std::map<std::string, int>{{"", 6}}));
  }
}

TEST(FaceRecipes, HeldOutKindsStandInTheTestSplitsAlone) {
  const Folders found = folders(planned(16, 16, 12));
  const std::map<std::string, int> seen{{"upsampled", 2}, {"blended", 2}, {"smoothed", 2}, {"swapped", 2}};
  const std::map<std::string, int> all{{"upsampled", 1}, {"blended", 1},   {"smoothed", 1},
                                       {"swapped", 1},   {"checkered", 1}, {"resynthesised", 1}};
  for (const std::string dataset : {"camera-a", "camera-b"}) {
    EXPECT_EQ(found.at(dataset + "/Train/Fake"), seen);
    EXPECT_EQ(found.at(dataset + "/Validation/Fake"), seen);
    EXPECT_EQ(found.at(dataset + "/Test/Fake"), all);
  }
}

TEST(FaceRecipes, ALargerSetBeginsWithTheSmallerOne) {
  std::map<std::string, std::uint64_t> small, large, other;
  const auto keys = [](std::map<std::string, std::uint64_t>& by_path, NodeRunner node) {
    std::set<std::uint64_t> different;
    for (const Outputs& one : node.run_source()) {
      const auto& recipe = one.get<Recipe>("recipe");
      by_path[path(one)] = Random::mix(recipe.key, static_cast<std::uint64_t>(1000 * recipe.size + recipe.quality));
      different.insert(recipe.key);
    }
    EXPECT_EQ(different.size(), by_path.size()) << "no two pictures alike";
  };
  keys(small, planned(2, 3, 4));
  keys(large, planned(9, 7, 8));
  keys(other, std::move(planned(2, 3, 4).set("seed", std::int64_t{2})));
  EXPECT_EQ(small.size(), 18u);
  for (const auto& [name, key] : small) {
    EXPECT_EQ(large.at(name), key) << name;
    EXPECT_NE(other.at(name), key) << name;
  }
}

TEST(FaceRecipes, SizeAndQualityKeepTheirRangesWhateverTheLabel) {
  std::map<std::string, double> sizes, qualities;
  for (const Outputs& one : planned(400, 0, 0).run_source()) {
    const auto& recipe = one.get<Recipe>("recipe");
    EXPECT_GE(recipe.size, 160);
    EXPECT_LE(recipe.size, 256);
    const Camera& with = camera(recipe.camera);
    EXPECT_GE(recipe.quality, with.quality_low);
    EXPECT_LE(recipe.quality, with.quality_high);
    sizes[one.get<std::string>("label")] += recipe.size / 400.0;
    qualities[one.get<std::string>("label")] += recipe.quality / 400.0;
  }
  EXPECT_NEAR(sizes.at("real"), sizes.at("fake"), 8) << "four standard errors";
  EXPECT_NEAR(qualities.at("real"), qualities.at("fake"), 2);
}

TEST(FaceRecipes, GoOnAfterSkippedOnesAcrossSplits) {
  const auto all = planned(1, 1, 1).run_source();
  NodeRunner node = planned(1, 1, 1);
  node.open();
  auto& source = dynamic_cast<Source&>(node.node());
  EXPECT_EQ(source.size(), 6u);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(source.skip());
  const auto rest = node.run_source();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(path(rest[0]), path(all[4]));
  EXPECT_EQ(rest[1].get<Recipe>("recipe").key, all[5].get<Recipe>("recipe").key);
  EXPECT_FALSE(source.skip());
}

std::string refusal(const std::string& param, ParamValue value) {
  NodeRunner node = planned(1, 1, 1);
  node.set(param, std::move(value));
  try {
    node.open();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "taken";
}

TEST(FaceRecipes, RefuseWhatCannotBePlanned) {
  EXPECT_EQ(refusal("size_min", std::int64_t{300}), "size_min (300) is above size_max (256)");
  EXPECT_EQ(refusal("cameras", Texts{}), "cameras is empty: name one of plain, a, b");
  EXPECT_EQ(refusal("cameras", Texts{"a", "a"}), "camera 'a' stands twice in cameras");
  EXPECT_EQ(refusal("cameras", Texts{"x"}), "there is no camera 'x' (plain, a, b)");
  EXPECT_EQ(refusal("kinds", Texts{}), "kinds is empty: name a manipulation");
  EXPECT_THAT(refusal("kinds", Texts{"melted"}),
              ::testing::StartsWith("there is no manipulation 'melted' (upsampled,"));
  EXPECT_EQ(refusal("held_out", Texts{"blended"}), "manipulation 'blended' stands twice in kinds and held_out");
  EXPECT_EQ(refusal("held_out", Texts{}), "taken") << "then the test split has the kinds of the others";
}

}  // namespace
}  // namespace dfpipe::synthetic
