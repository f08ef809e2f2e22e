#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planning.hpp"

/// What parts, foreach, include and defaults become in the engine's graph.
namespace dfpipe::language_tests {
namespace {

using ::testing::HasSubstr;
using From = engine::Edge::From;

constexpr const char* face_part = R"(part: face
params:
  fusion: {type: text, default: mean}
in: {face: face}
use: {model: detector}
out: {map: roll.heatmap, again: face}
nodes:
  pixels: {type: clip-preprocess, in: {face: face}}
  clip: {type: clip-dora, in: {pixels: pixels.pixels}, use: {detector: model}, with: {head_fusion: "${fusion}"}}
  roll: {type: rollout, in: {attentions: clip.attentions}}
)";
constexpr const char* detector = "resources:\n  big: {type: detector, with: {model: m}}\n";

Planned with_part(const std::string& nodes, const std::vector<std::string>& set = {}, bool deterministic = false) {
  const Folder folder;
  folder.write("face.yaml", face_part);
  return planned(folder.write("p.yaml", with_nodes(nodes, detector)), set, deterministic);
}

TEST(Graph, AForeachOpensAScopeAndGathers) {
  const Planned plan = with_part(
      "  each: {foreach: {face: faces.faces}, part: face.yaml, use: {model: big}, with: {fusion: max}}\n"
      "  sink: {type: show-faces, in: {faces: each.again}}\n");
  ASSERT_TRUE(plan.plan) << plan.text();
  const auto& each = plan.node("each");
  ASSERT_TRUE(each.is_foreach());
  EXPECT_EQ(each.child_scope, 1);
  EXPECT_EQ(each.inputs[0].index, plan.number("faces"));
  ASSERT_EQ(each.gathers.size(), 2U);
  EXPECT_EQ(each.gathers[0].from, From::node);
  EXPECT_EQ(each.gathers[0].index, plan.number("each/roll"));
  EXPECT_EQ(each.gathers[1].from, From::element);
  EXPECT_EQ(each.gather_types, (std::vector<std::string>{"tensor", "face"}));
  EXPECT_EQ(plan.node("each/pixels").inputs[0].from, From::element);
  EXPECT_EQ(plan.node("each/pixels").scope, 1);
  EXPECT_EQ(plan.node("sink").inputs[0].index, plan.number("each"));
  EXPECT_EQ(plan.node("sink").inputs[0].port, 1);
  EXPECT_EQ(std::get<std::string>(plan.param("each/clip", "head_fusion")), "max");
}

TEST(Graph, APartWithoutForeachIsTheSameScope) {
  const Planned plan = with_part(
      "  each:\n    foreach: {face: faces.faces}\n    nodes:\n"
      "      one: {part: face.yaml, in: {face: face}, use: {model: big}}\n"
      "      two: {part: face.yaml, in: {face: one.again}, use: {model: big}}\n"
      "      overlay: {type: encode, in: {face: two.again, heatmap: one.map}}\n"
      "    out: {png: overlay.png}\n");
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("each/one/clip").scope, 1);
  EXPECT_EQ(plan.node("each/two/pixels").inputs[0].from, From::element) << "names lead through both parts";
  EXPECT_EQ(plan.node("each/overlay").inputs[1].index, plan.number("each/one/roll"));
  EXPECT_EQ(plan.plan->graph.scopes.size(), 2U);
}

TEST(Graph, APartTakesAListOfAnythingThatAForeachGathers) {
  const Folder folder;
  folder.write("spectra.yaml",
               "part: spectra\nin: {all: list<tensor>}\nnodes:\n"
               "  each: {foreach: {pixels: all}, nodes: {fft: {type: fft, in: {pixels: pixels}}}}\n");
  const Planned plan = planned(folder.write(
      "p.yaml", with_nodes("  each:\n    foreach: {face: faces.faces}\n"
                           "    nodes: {p: {type: clip-preprocess, in: {face: face}}}\n    out: {pixels: p.pixels}\n"
                           "  more: {part: spectra.yaml, in: {all: each.pixels}}\n")));
  EXPECT_TRUE(plan.plan) << plan.text();
}

TEST(Graph, NodesInPlaceSeeTheNamesAroundThem) {
  const Planned plan = planned_text(with_nodes(
      "  each:\n    foreach: {face: faces.faces}\n    nodes:\n"
      "      measure: {type: heuristics, in: {face: face, image: decode.image}}\n    out: {m: measure.measures}\n"));
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("each/measure").inputs[1].index, plan.number("decode"));
  EXPECT_GT(plan.number("each"), plan.number("decode")) << "the foreach waits for what its nodes read outside";
}

TEST(Graph, APartSeesNothingButItsInputs) {
  const Folder folder;
  folder.write("part.yaml", "part: p\nnodes:\n  show: {type: show, in: {image: decode.image}}\n");
  const Planned plan = planned(folder.write("p.yaml", with_nodes("  part: {part: part.yaml}\n")));
  EXPECT_THAT(plan.text(), HasSubstr("part.yaml:3:34: error: node 'show': input 'image': no node 'decode'"));
}

TEST(Graph, AnElementIsHandedOnToInnerScopes) {
  const Planned plan = planned_text(
      with_nodes("  each:\n    foreach: {face: faces.faces}\n    nodes:\n"
                 "      regions: {type: regions, in: {face: face}}\n"
                 "      inner:\n        foreach: {region: regions.regions}\n        nodes:\n"
                 "          a: {type: heuristics, in: {face: region, image: decode.image}}\n"
                 "          b: {type: encode, in: {face: face}}\n        out: {png: b.png, m: a.measures}\n"
                 "    out: {pngs: inner.png}\n"));
  ASSERT_TRUE(plan.plan) << plan.text();
  const auto& relay = plan.node("each/face (element)");
  EXPECT_EQ(relay.scope, 1);
  EXPECT_EQ(relay.inputs[0].from, From::element);
  EXPECT_EQ(plan.node("each/inner/b").inputs[0].index, plan.number("each/face (element)"));
  EXPECT_LT(plan.number("each/face (element)"), plan.number("each/inner"));
  EXPECT_EQ(plan.node("each").gather_types, std::vector<std::string>{"list<bytes>"});
  EXPECT_EQ(plan.plan->graph.scopes[2].parent, 1);
}

TEST(Graph, IncludedFilesAreOverriddenKeyByKey) {
  const Folder folder;
  folder.write("base.yaml",
               with_nodes("", "params:\n  title: {type: text, default: base}\nrun: {credits: 40, seed: 1}\n"));
  const Planned plan = planned(folder.write("p.yaml",
                                            "pipeline: mine\ninclude: base.yaml\nrun: {seed: 2}\n"
                                            "params:\n  title: {type: text, default: mine}\n"
                                            "nodes:\n  faces: {with: {title: \"${title}\"}}\n"));
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.plan->graph.name, "mine");
  EXPECT_EQ(plan.plan->graph.credits, 40);
  EXPECT_EQ(plan.plan->graph.seed, 2U);
  EXPECT_EQ(std::get<std::string>(plan.param("faces", "title")), "mine");
}

TEST(Graph, DefaultsFollowTheBatches) {
  const std::string nodes =
      "  each: {foreach: {face: faces.faces}, part: face.yaml, use: {model: big}}\n"
      "  sink: {type: show-faces, in: {faces: each.again}}\n";
  EXPECT_EQ(with_part(nodes).plan->graph.credits, 16);
  EXPECT_EQ(with_part(nodes).node("each").max_live, 16);
  const Planned large = with_part(nodes, {"each/clip.batch.max=100"});
  EXPECT_EQ(large.plan->graph.credits, 200);
  EXPECT_EQ(large.plan->graph.window, 200);
  EXPECT_EQ(large.node("each").max_live, 100);
}

TEST(Graph, ResourcesAreBoundThroughParts) {
  const Planned plan = with_part(
      "  each: {foreach: {face: faces.faces}, part: face.yaml, use: {model: big}}\n"
      "  sink: {type: show-faces, in: {faces: each.again}}\n");
  ASSERT_TRUE(plan.plan);
  EXPECT_EQ(&dfpipe::detail::used(*plan.node("each/clip").node, 0), plan.plan->graph.resources[0].resource.get());
}

TEST(Graph, DisabledPartsAreDisabledThroughout) {
  const Planned plan = with_part(
      "  each:\n    foreach: {face: faces.faces}\n    nodes:\n"
      "      one: {part: face.yaml, in: {face: face}, use: {model: big}, enabled: false}\n"
      "      overlay: {type: encode, in: {face: face, heatmap: one.map}}\n"
      "    out: {png: overlay.png}\n");
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_FALSE(plan.node("each/one/clip").enabled);
  EXPECT_TRUE(plan.node("each/overlay").enabled);
}

TEST(Graph, NothingIsDemandedInsideADisabledForeach) {
  const Planned plan =
      planned_text(with_nodes("  off: {type: passing, in: {image: decode.image}, enabled: false}\n"
                              "  each:\n    foreach: {face: faces.faces}\n    enabled: false\n    nodes:\n"
                              "      measure: {type: heuristics, in: {face: face, image: off.image}}\n"
                              "    out: {m: measure.measures}\n"));
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_FALSE(plan.node("each").enabled);
  EXPECT_FALSE(plan.node("each/measure").enabled);
}

TEST(Graph, AResourceThatOnlyDisabledNodesUseIsLeftOut) {
  const std::string nodes = "  each: {foreach: {face: faces.faces}, part: face.yaml, use: {model: big}}\n";
  EXPECT_EQ(with_part(nodes).plan->graph.resources.size(), 1U);
  EXPECT_TRUE(with_part(nodes, {"each.enabled=false"}).plan->graph.resources.empty());
  EXPECT_TRUE(with_part(nodes, {"each/clip.enabled=false", "each/roll.enabled=false"}).plan->graph.resources.empty());
}

TEST(Graph, TheOrderOfTheFileMeansNothing) {
  const std::string a = "  a: {type: passing, in: {image: decode.image}}\n";
  const std::string b = "  b: {type: show, in: {image: a.image}}\n";
  const Planned one = planned_text(with_nodes(a + b));
  const Planned two = planned_text(with_nodes(b + a));
  ASSERT_TRUE(one.plan && two.plan);
  EXPECT_EQ(one.number("b"), two.number("b"));
}

TEST(Graph, DeterminismIsAskedInTheFileOrOnTheCommandLine) {
  EXPECT_FALSE(planned_text(with_nodes("")).plan->deterministic);
  EXPECT_TRUE(planned_text(with_nodes("", "run: {deterministic: true}\n")).plan->deterministic);
  EXPECT_TRUE(planned_text(with_nodes(""), {}, true).plan->deterministic);
}

TEST(Graph, AnInputThatItsNodesParametersMakeSuperfluousIsNotConnected) {
  const std::string nodes =
      "  all: {type: choosy, in: {image: decode.image, info: decode.info}}\n"
      "  some: {type: choosy, in: {image: decode.image, info: decode.info}, with: {take: [info]}}\n";
  const Planned plan = planned_text(with_nodes(nodes));
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("all").inputs[0].from, From::node);
  EXPECT_EQ(plan.node("some").inputs[0].from, From::nothing);
  EXPECT_EQ(plan.node("some").inputs[1].from, From::node);
}

}  // namespace
}  // namespace dfpipe::language_tests
