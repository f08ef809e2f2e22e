#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dfpipe/sha256.hpp"
#include "planning.hpp"

/// The resolved file, its origins, the schema and the drawings.
namespace dfpipe::language_tests {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

Planned predict(const std::vector<std::string>& set = {}) { return planned("pipelines/predict.yaml", set); }

TEST(ResolvedFile, IsAPipelineOfTheSameMeaning) {
  const std::vector<std::string> set{"per-face/judge/clip.batch.max=4", "faces.title=a: \"b\" # ${c\t√",
                                     "per-face/rollout.enabled=false", "decode.on_error=retry(2)",
                                     "faces.means=[0.25, 1e-9]"};
  std::vector<std::string> escaped = set;
  escaped[1] = "faces.title=a: \"b\" # $${c\t√";
  const Planned first = predict(escaped);
  ASSERT_TRUE(first.plan) << first.text();
  const Planned second = planned_text(first.plan->resolved);
  ASSERT_TRUE(second.plan) << second.text() << first.plan->resolved;
  EXPECT_EQ(second.plan->resolved, first.plan->resolved);
  EXPECT_EQ(second.plan->graph.config, first.plan->graph.config);
  ASSERT_EQ(second.plan->graph.nodes.size(), first.plan->graph.nodes.size());
  for (std::size_t i = 0; i < first.plan->graph.nodes.size(); ++i)
    EXPECT_EQ(second.plan->graph.nodes[i].name, first.plan->graph.nodes[i].name);
}

TEST(ResolvedFile, DependsOnMeaningOnly) {
  const Folder folder;
  const std::string one = R"(pipeline: same
params: {width: {type: real, default: 0.2}}
nodes:
  files: {type: image-files, with: {path: /pictures}}
  decode: {type: decode, in: {bytes: files.bytes}, with: {exif: true}}
  faces: {type: face-crop, in: {image: decode.image}, with: {padding: "${width}", title: t}}
  sink: {type: show-faces, in: {faces: faces.faces}}
)";
  const std::string other = R"(# other words
about: the same
nodes:
  sink:
    in: {faces: faces.faces}
    type: show-faces
  faces: {with: {title: "t", padding: 0.20}, in: {image: decode.image}, type: face-crop}
  decode: {type: decode, in: {bytes: files.bytes}}
  files: {type: image-files, with: {path: /pictures/../pictures}}
pipeline: same
)";
  const Planned a = planned(folder.write("a.yaml", one));
  const Planned b = planned(folder.write("b/b.yaml", other));
  ASSERT_TRUE(a.plan && b.plan) << a.text() << b.text();
  EXPECT_EQ(a.plan->resolved, b.plan->resolved);
  EXPECT_EQ(a.plan->graph.config, a.plan->resolved);
  EXPECT_NE(planned(folder.path() / "a.yaml", {"width=0.3"}).plan->graph.config, a.plan->graph.config);
}

TEST(ExplainedFile, TellsWhatAnEarlierOneSaidOtherwise) {
  const Planned now = predict({"faces.padding=0.3", "run.seed=7"});
  EXPECT_EQ(now.plan->graph.difference(now.plan->resolved), "");
  EXPECT_EQ(now.plan->graph.difference(predict({}).plan->resolved),
            "nodes.faces.with.padding is 0.3, was 0.2; run.seed is 7, was 0");
  EXPECT_THAT(predict({"faces.detector=dlib"}).plan->graph.difference(now.plan->resolved),
              HasSubstr("nodes.faces.with.detector is dlib, was auto"));
}

TEST(ExplainedFile, NamesTheOriginOfEachValue) {
  const std::string text = predict({"faces.padding=0.3", "model=/m"}).plan->explained;
  EXPECT_THAT(text, ContainsRegex("padding: 0.3 +# --set\n"));
  EXPECT_THAT(text, ContainsRegex("detector: auto +# default of face-crop\n"));
  EXPECT_THAT(text, ContainsRegex("recursive: true +# from pipelines/predict.yaml:[0-9]+\n"));
  EXPECT_THAT(text, ContainsRegex("model: /m +# --set, parameter model\n"));
  EXPECT_THAT(text, ContainsRegex("path: pipelines/samples +# from pipelines/predict.yaml:[0-9]+, parameter input\n"));
  EXPECT_THAT(text, ContainsRegex("type: clip-dora +# from pipelines/parts/judge-pixels.yaml:[0-9]+\n"));
  EXPECT_THAT(text, ContainsRegex("credits: 16 +# default\n"));
  std::size_t start = 0;
  for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string line = text.substr(start, end - start);
    const bool has_value = line.find(": ") != std::string::npos && !line.starts_with("pipeline:");
    EXPECT_TRUE(!has_value || line.find("  # ") != std::string::npos) << line;
  }
}

std::optional<plan::Plan> with_device_threads(const std::vector<std::string>& set, std::optional<int> asked,
                                              bool deterministic) {
  plan::PlanRequest request;
  request.file = "pipelines/predict.yaml";
  request.set = set;
  request.device_threads = asked;
  request.deterministic = deterministic;
  config::Diagnostics diagnostics;
  return plan::make_plan(request, types(), diagnostics);
}

TEST(DeviceThreads, ComeFromTheCommandLineElseTheFile) {
  EXPECT_EQ(with_device_threads({}, {}, false)->device_threads, std::nullopt);
  const auto of_file = with_device_threads({"run.device_threads=3"}, {}, false);
  EXPECT_EQ(of_file->device_threads, 3);
  EXPECT_THAT(of_file->explained, ContainsRegex("device_threads: 3 +# --set\n"));
  const auto asked = with_device_threads({"run.device_threads=3"}, 5, false);
  EXPECT_EQ(asked->device_threads, 5);
  EXPECT_THAT(asked->explained, ContainsRegex("device_threads: 5 +# --device-threads\n"));
}

TEST(DeviceThreads, OfADeterministicRunAreAConstantThatIsHashed) {
  const auto alone = with_device_threads({}, {}, true);
  EXPECT_EQ(alone->device_threads, 2);
  EXPECT_EQ(with_device_threads({"run.device_threads=2"}, {}, true)->graph.config, alone->graph.config);
  EXPECT_NE(with_device_threads({}, 3, true)->graph.config, alone->graph.config);
  EXPECT_EQ(with_device_threads({}, 3, false)->graph.config, with_device_threads({}, 4, false)->graph.config)
      << "without determinism a run may be resumed on another machine";
}

TEST(Notes, TellTheWorstCase) {
  const auto notes = predict({"decode.max_pixels=1000000", "run.credits=20"}).plan->notes;
  EXPECT_THAT(notes,
              Contains("memory: pictures of 'decode' take at most 20 credits x 1000000 pixels x 3 bytes = 60 MB"));
  EXPECT_THAT(notes, Contains("slots: 'per-face' has at most 24 children alive"));
  EXPECT_THAT(notes,
              Contains("lane device: 3 nodes: per-face/judge/clip, per-face/judge/spectrum, per-face/judge/fuse"));
}

TEST(Schema, KnowsEveryTypeAndItsParameters) {
  const json schema = json::parse(plan::schema(types()));
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  const json& stage = schema["$defs"]["stage"];
  EXPECT_EQ(stage["allOf"].size(), types().nodes().size());
  for (const json& rule : stage["allOf"]) {
    if (rule["if"]["properties"]["type"]["const"] != "face-crop") continue;
    const json& with = rule["then"]["properties"]["with"];
    EXPECT_FALSE(with["additionalProperties"].get<bool>());
    const json& padding = with["properties"]["padding"];
    EXPECT_EQ(padding["default"], 0.2);
    EXPECT_EQ(padding["anyOf"][0], (json{{"type", "number"}, {"minimum", 0.0}, {"maximum", 2.0}}));
    EXPECT_EQ(with["properties"]["detector"]["anyOf"][0]["enum"], (json{"auto", "dlib"}));
    EXPECT_EQ(rule["then"]["required"], json::array({"in"}));
  }
}

void all_references_lead_somewhere(const json& schema, const json& part) {
  if (part.is_object() && part.contains("$ref")) {
    const std::string to = part["$ref"].get<std::string>();
    EXPECT_TRUE(schema.contains(json::json_pointer(to.substr(1)))) << to;
  }
  if (part.is_structured())
    for (const json& inner : part) all_references_lead_somewhere(schema, inner);
}

TEST(Schema, HasNoReferenceIntoNothing) {
  const json schema = json::parse(plan::schema(types()));
  all_references_lead_somewhere(schema, schema);
}

TEST(Drawing, JsonHoldsNodesScopesAndEdges) {
  const json drawing = json::parse(plan::draw(predict().plan->graph, plan::GraphFormat::json));
  EXPECT_EQ(drawing["name"], "predict");
  EXPECT_EQ(drawing["scopes"].size(), 2U);
  EXPECT_EQ(drawing["nodes"].size(), predict().plan->graph.nodes.size());
  std::map<std::string, int> kinds;
  for (const json& edge : drawing["edges"]) {
    ++kinds[edge["kind"].get<std::string>()];
    EXPECT_FALSE(edge["type"].get<std::string>().empty()) << edge;
    EXPECT_LT(edge["from"].get<std::size_t>(), drawing["nodes"].size());
  }
  EXPECT_EQ(kinds["gather"], 3);
  EXPECT_EQ(kinds["element"], 4);
}

TEST(Drawing, DotAndMermaidPutScopesIntoBoxes) {
  const auto graph = predict({"per-face/rollout.enabled=false"});
  const std::string dot = plan::draw(graph.plan->graph, plan::GraphFormat::dot);
  EXPECT_THAT(dot, HasSubstr("subgraph cluster_1 {"));
  EXPECT_THAT(dot, HasSubstr("clip\\nclip-dora"));
  EXPECT_THAT(dot, HasSubstr("dotted"));
  EXPECT_EQ(std::ranges::count(dot, '{'), std::ranges::count(dot, '}'));
  const std::string mermaid = plan::draw(graph.plan->graph, plan::GraphFormat::mermaid);
  EXPECT_THAT(mermaid, HasSubstr("subgraph s1["));
  EXPECT_THAT(mermaid, HasSubstr(":::device"));
  EXPECT_THAT(mermaid, HasSubstr(":::off"));
}

TEST(Drawing, EscapesNames) {
  Planned named = planned_text(with_nodes("").replace(0, 14, "pipeline: 'a\"b\\'"));
  ASSERT_TRUE(named.plan) << named.text();
  EXPECT_THAT(plan::draw(named.plan->graph, plan::GraphFormat::dot), HasSubstr("digraph \"a\\\"b\\\\\""));
  EXPECT_EQ(json::parse(plan::draw(named.plan->graph, plan::GraphFormat::json))["name"], "a\"b\\");
}

}  // namespace
}  // namespace dfpipe::language_tests
