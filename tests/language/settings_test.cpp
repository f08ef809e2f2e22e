#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planning.hpp"

/// --set and ${name}: what ends up in the nodes.
namespace dfpipe::language_tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string params = R"(params:
  input: {type: path, default: pictures}
  padding: {type: real, default: 0.1, min: 0, max: 1}
  label: {type: text, default: plain}
  labels: {type: texts, default: [x, "${label}"]}
  name: {type: text, default: "${label}-${padding}"}
)";

Planned with_params(const std::vector<std::string>& set = {}) {
  std::string yaml = with_nodes(
      "  more: {type: face-crop, in: {image: decode.image}, with: {padding: \"${padding}\", title: \"${name}\", "
      "labels: \"${labels}\"}}\n"
      "  also: {type: show-faces, in: {faces: more.faces}}\n",
      params);
  yaml.replace(yaml.find("path: pictures"), 14, "path: \"${input}/new\"");
  return planned_text(yaml, set);
}

Planned predict(const std::vector<std::string>& set) { return planned("pipelines/predict.yaml", set); }

std::string text_of(const Planned& plan, const std::string& node, const std::string& param) {
  return std::get<std::string>(plan.param(node, param));
}
double real_of(const Planned& plan, const std::string& node, const std::string& param) {
  return std::get<double>(plan.param(node, param));
}

TEST(Variables, KeepTheirTypeAloneAndBecomeTextWithinText) {
  const Planned plan = with_params();
  EXPECT_EQ(real_of(plan, "more", "padding"), 0.1);
  EXPECT_EQ(text_of(plan, "more", "title"), "plain-0.1");
  EXPECT_EQ(std::get<std::vector<std::string>>(plan.param("more", "labels")), (std::vector<std::string>{"x", "plain"}));
}

TEST(Variables, AreSetFromTheCommandLine) {
  const Planned plan = with_params({"padding=0.5", "label=ünlabel", "params.input=/data"});
  EXPECT_EQ(real_of(plan, "more", "padding"), 0.5);
  EXPECT_EQ(text_of(plan, "more", "title"), "ünlabel-0.5");
  EXPECT_EQ(std::get<fs::path>(plan.param("files", "path")), "/data/new");
}

TEST(Variables, TheLastSettingWins) {
  EXPECT_EQ(real_of(with_params({"padding=0.5", "padding=0.7"}), "more", "padding"), 0.7);
}

TEST(Variables, AreCheckedAgainstTheirDeclaration) {
  EXPECT_THAT(with_params({"padding=3"}).text(), HasSubstr("parameter 'padding': 3 is outside 0 … 1"));
  EXPECT_THAT(with_params({"padding=wide"}).text(), HasSubstr("parameter 'padding' wants real, not 'wide'"));
}

TEST(Variables, DollarDollarBraceStandsForItself) {
  const Planned plan = with_params({"more.title=$${x} costs $5"});
  EXPECT_EQ(text_of(plan, "more", "title"), "${x} costs $5");
  EXPECT_THAT(plan.plan->resolved, HasSubstr("title: \"$${x} costs $5\""));
}

TEST(Settings, ReachParametersOfNodes) {
  const Planned plan = predict({"faces.padding=0.3", "faces.with.title=null", "decode.max_pixels=5e6"});
  EXPECT_EQ(real_of(plan, "faces", "padding"), 0.3);
  EXPECT_EQ(text_of(plan, "faces", "title"), "null");
  EXPECT_EQ(std::get<std::int64_t>(plan.param("decode", "max_pixels")), 5'000'000);
}

TEST(Settings, TakeListsAsYaml) {
  const Planned plan = predict({"faces.means=[0.1, 0.2]", "faces.labels=[a, 'b c']"});
  EXPECT_EQ(std::get<std::vector<double>>(plan.param("faces", "means")), (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(std::get<std::vector<std::string>>(plan.param("faces", "labels")), (std::vector<std::string>{"a", "b c"}));
}

TEST(Settings, ReachNodesInsidePartsBySlashOrDot) {
  EXPECT_EQ(text_of(predict({"per-face/judge/clip.head_fusion=max"}), "per-face/judge/clip", "head_fusion"), "max");
  EXPECT_EQ(text_of(predict({"per-face.judge.clip.head_fusion=min"}), "per-face/judge/clip", "head_fusion"), "min");
  EXPECT_EQ(text_of(predict({"nodes.per-face.judge.clip.with.head_fusion=min"}), "per-face/judge/clip", "head_fusion"),
            "min");
}

TEST(Settings, ReachTheParametersOfAPart) {
  EXPECT_EQ(std::get<fs::path>(predict({"per-face.profile=/x.json"}).param("per-face/pixels", "profile")), "/x.json");
}

TEST(Settings, ReachTheEnginesKeys) {
  const Planned plan = predict({"per-face/judge/clip.batch.max=4", "per-face/judge/clip.batch.wait=2.5ms",
                                "decode.on_error=retry(3)", "decode.concurrency=2", "per-face.max_live=40",
                                "run.credits=30", "run.window=20", "run.seed=7", "per-face/measure.on_error=fail"});
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("per-face/judge/clip").batch_max, 4);
  EXPECT_EQ(plan.node("per-face/judge/clip").batch_wait, std::chrono::microseconds(2500));
  EXPECT_EQ(plan.node("decode").on_error.action, engine::OnError::Action::retry);
  EXPECT_EQ(plan.node("decode").on_error.retries, 3);
  EXPECT_EQ(plan.node("per-face/measure").on_error.action, engine::OnError::Action::fail);
  EXPECT_EQ(plan.node("decode").concurrency, 2);
  EXPECT_EQ(plan.node("per-face").max_live, 40);
  EXPECT_EQ(plan.plan->graph.credits, 30);
  EXPECT_EQ(plan.plan->graph.window, 20);
  EXPECT_EQ(plan.plan->graph.seed, 7U);
}

TEST(Settings, GiveWholeKeysWhichAreMergedIntoTheFiles) {
  const Planned plan = predict({"per-face/judge/clip.batch={max: 4, wait: 1ms}", "faces.with={padding: 0.3}",
                                "decode.on_error={retry: 2, backoff: 1s}", "decode.on_error.retry=5",
                                "per-face.nodes.judge.nodes.fft.grey=luma", "per-face.with={profile: /x.json}"});
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("per-face/judge/clip").batch_max, 4);
  EXPECT_EQ(plan.node("per-face/judge/clip").batch_wait, std::chrono::milliseconds(1));
  EXPECT_EQ(real_of(plan, "faces", "padding"), 0.3);
  EXPECT_EQ(plan.node("decode").on_error.retries, 5);
  EXPECT_EQ(plan.node("decode").on_error.backoff, std::chrono::seconds(1));
  EXPECT_EQ(text_of(plan, "per-face/judge/fft", "grey"), "luma");
  EXPECT_EQ(std::get<fs::path>(plan.param("per-face/pixels", "profile")), "/x.json");
}

TEST(Settings, RewireWholeInputsResourcesAndOutputs) {
  const std::string yaml = with_nodes(
      "  pass: {type: passing, in: {image: decode.image}}\n"
      "  each:\n    foreach: {face: faces.faces}\n    nodes:\n      draw: {type: encode, in: {face: face}}\n"
      "    out: {png: draw.png}\n");
  const Planned plan = planned_text(yaml, {"show.in={image: pass.image}", "each.out.text=draw.base64"});
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("show").inputs[0].index, plan.number("pass"));
  EXPECT_EQ(plan.node("each").gather_types, (std::vector<std::string>{"bytes", "text"}));
  const Planned other = planned("pipelines/predict.yaml", {"per-face/judge/clip.use={detector: nobody}"});
  EXPECT_THAT(other.text(), HasSubstr("'detector': no resource 'nobody'"));
}

TEST(Settings, WhoseShapeIsWrongAreExplained) {
  EXPECT_THAT(predict({"per-face/judge/clip.batch=4"}).text(), HasSubstr("'batch' wants a map, not a single value"));
  EXPECT_THAT(predict({"faces.with.title.x=1"}).text(), HasSubstr("'with.title' holds no keys"));
}

TEST(Settings, SwapAStage) {
  const Planned plan = predict({"per-face/rollout.type=regions"});
  EXPECT_THAT(plan.text(), HasSubstr("node 'rollout' (regions) has no input 'attentions'"));
  const Planned fits =
      planned_text(with_nodes("  twice: {type: show, in: {image: decode.image}}\n"), {"twice.type=counter"});
  EXPECT_EQ(fits.node("twice").type, "counter");
}

TEST(Settings, SwitchNodesOff) {
  const Planned plan = predict({"per-face/rollout.enabled=false"});
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_FALSE(plan.node("per-face/rollout").enabled);
  EXPECT_THAT(predict({"per-face/judge/fft.enabled=false"}).text(), HasSubstr("'per-face/judge/fft' is disabled"));
}

TEST(Settings, RewireInputs) {
  const Planned plan =
      planned_text(with_nodes("  pass: {type: passing, in: {image: decode.image}}\n"), {"show.in.image=pass.image"});
  EXPECT_EQ(plan.node("show").inputs[0].index, plan.number("pass"));
}

TEST(Settings, ReachResources) {
  const Planned plan = predict({"detector.precision=fp32", "detector.with.device=gpu"});
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(std::get<std::string>(plan.plan->graph.resources[0].resource->params().find("precision")->value), "fp32");
  EXPECT_EQ(std::get<std::string>(plan.plan->graph.resources[0].resource->params().find("device")->value), "gpu");
}

TEST(Settings, AnAmbiguousNameIsAskedBack) {
  const std::string yaml = with_nodes("", "resources:\n  show: {type: fft-cache}\n");
  EXPECT_THAT(planned_text(yaml, {"show.x=1"}).text(), HasSubstr("'show' is a node and a resource"));
}

TEST(Settings, AWrongOneSaysSoUnderItsOwnName) {
  const std::string text = predict({"faces.pading=0.3"}).text();
  EXPECT_THAT(text, HasSubstr("--set: error: node 'faces' (face-crop) has no parameter 'pading'"));
  EXPECT_THAT(text, HasSubstr("| faces.pading=0.3\n"));
  EXPECT_THAT(text, HasSubstr("did you mean 'padding'?"));
}

}  // namespace
}  // namespace dfpipe::language_tests
