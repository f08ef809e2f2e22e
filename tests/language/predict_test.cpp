#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "planning.hpp"

/// The shipped prediction pipeline, planned.
namespace dfpipe::language_tests {
namespace {

using ::testing::HasSubstr;
using From = engine::Edge::From;

const Planned& predict() {
  static const Planned plan = planned("pipelines/predict.yaml");
  return plan;
}

TEST(PredictPipeline, PlansWithoutAWarning) {
  EXPECT_TRUE(predict().plan.has_value());
  EXPECT_EQ(predict().text(), "");
}

TEST(PredictPipeline, NodesStandAfterWhatTheyRead) {
  ASSERT_TRUE(predict().plan);
  const auto& nodes = predict().plan->graph.nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const engine::Edge& edge : nodes[i].inputs) {
      if (edge.from != From::node) continue;
      EXPECT_LT(edge.index, static_cast<int>(i)) << nodes[i].name;
    }
    if (nodes[i].is_foreach()) {
      EXPECT_EQ(predict().plan->graph.scopes[static_cast<std::size_t>(nodes[i].child_scope)].foreach_node,
                static_cast<int>(i));
      for (const engine::Edge& edge : nodes[i].gathers) EXPECT_GT(edge.index, static_cast<int>(i));
    }
  }
  EXPECT_GT(predict().number("report"), predict().number("per-face/result"));
  EXPECT_EQ(predict().node("per-face").max_live, 24);
  const std::vector<std::string> gathered{"face-result", "window", "tensor"};
  EXPECT_EQ(predict().node("per-face").gather_types, gathered);
}

TEST(PredictPipeline, PathsLieInTheProjectAndInTheWorkingDirectory) {
  EXPECT_EQ(std::get<std::filesystem::path>(predict().param("files", "path")), "pipelines/samples");
  EXPECT_EQ(std::get<std::filesystem::path>(predict().param("report", "dir")), "out/predict");
  EXPECT_EQ(std::get<std::filesystem::path>(predict().param("per-face/pixels", "profile")),
            "models/demo/preprocessor_config.json");
}

}  // namespace
}  // namespace dfpipe::language_tests
