#include "evaluation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "report/page.hpp"
#include "report/plots.hpp"

namespace dfpipe::evaluation {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

ScoredPicture picture(std::int64_t label, std::optional<double> score, const std::string& dataset = "d",
                      const std::string& group = "") {
  ScoredPicture out;
  out.sample = {.label = label, .dataset = dataset, .split = "test", .group = group, .path = "p.jpg"};
  out.score = score;
  out.faces = 1;
  if (!score) out.problem = {"truncated", "node 'decode': the file ends early"};
  return out;
}

FaceResult face(std::optional<double> probability) {
  FaceResult out;
  out.probability = probability;
  return out;
}

List<FaceResult> faces(std::vector<std::optional<double>> probabilities) {
  List<FaceResult> out;
  for (const auto& p : probabilities) out.push_back(face(p));
  return out;
}

TEST(PictureScore, IsTheHighestOfItsFacesOrTheirMean) {
  EXPECT_EQ(score_picture(faces({0.25}), SeveralFaces::max).score, 0.25);
  EXPECT_EQ(score_picture(faces({0.25, 0.75}), SeveralFaces::max).score, 0.75);
  EXPECT_EQ(score_picture(faces({0.25, 0.75}), SeveralFaces::mean).score, 0.5);
}

TEST(PictureScore, TheCalibratedOneIsMadeAlikeAndOfAllFacesOrNone) {
  FaceResult first = face(0.25), second = face(0.75);
  first.calibrated = 0.375;
  List<FaceResult> both;
  both.push_back(first);
  both.push_back(second);
  EXPECT_FALSE(score_picture(both, SeveralFaces::max).calibrated);
  second.calibrated = 0.625;
  List<FaceResult> all;
  all.push_back(first);
  all.push_back(second);
  EXPECT_EQ(score_picture(all, SeveralFaces::max).calibrated, 0.625);
  const ScoredPicture mean = score_picture(all, SeveralFaces::mean);
  EXPECT_EQ(mean.calibrated, 0.5);
  EXPECT_EQ(from_line(to_line(mean)).calibrated, 0.5);
}

TEST(PictureScore, IsMissingWithAReasonWhenAnyFaceHasNone) {
  EXPECT_EQ(score_picture({}, SeveralFaces::max).problem.code, "no_face");
  const ScoredPicture half = score_picture(faces({0.9, std::nullopt}), SeveralFaces::max);
  EXPECT_FALSE(half.score);
  EXPECT_EQ(half.problem.message, "face 1: no probability was computed");
  EXPECT_EQ(score_picture(faces({std::numeric_limits<double>::quiet_NaN()}), SeveralFaces::max).problem.code,
            "not_finite");
  List<FaceResult> failed(
      {Cell(std::make_shared<const Reason>(Reason{Reason::Kind::error, "clip", "memory", "no memory"}))});
  EXPECT_EQ(score_picture(failed, SeveralFaces::max).problem.code, "memory");
}

TEST(PictureScore, ALineGivesTheSamePictureBack) {
  ScoredPicture there = picture(1, 0.1 + 0.2, "a \"set\"", "anna");
  there.index = 7;
  const ScoredPicture back = from_line(to_line(there));
  EXPECT_EQ(to_line(back), to_line(there));
  EXPECT_EQ(back.score, 0.1 + 0.2);
  EXPECT_EQ(from_line(to_line(picture(0, {}))).problem.code, "truncated");
  EXPECT_THROW(from_line("{}"), std::runtime_error);
}

TEST(Evaluation, PicturesWithoutAScoreAreCountedByClassAndListed) {
  const Evaluation e = evaluate({picture(0, 0.1), picture(0, {}), picture(1, 0.9), picture(1, 0.8)}, {});
  EXPECT_EQ(e.all.pictures, 4u);
  EXPECT_EQ(e.all.summary.count, 3u);
  EXPECT_THAT(e.notes,
              Contains("1 of 4 pictures have no score and are left out of every number: 50.0 % of the genuine ones, "
                       "0.0 % of the fakes."));
  const Json json = Json::parse(metrics_json(e));
  EXPECT_EQ(json["not_scored"][0]["code"], "truncated");
  EXPECT_EQ(json["all"]["pictures"], 4);
  EXPECT_EQ(json["all"]["metrics"]["roc_auc"]["value"], 1.0);
}

TEST(Evaluation, TheWorstDataSetAndTheGapAreTold) {
  const Evaluation e = evaluate({picture(0, 0.1, "easy"), picture(1, 0.9, "easy"), picture(0, 0.6, "hard"),
                                 picture(1, 0.4, "hard"), picture(1, 0.4, "one class")},
                                {});
  EXPECT_EQ(e.auc_gap, 1.0);
  EXPECT_EQ(e.worst_dataset, "hard");
  EXPECT_THAT(e.notes, Contains(HasSubstr("AUCs lie 1.00 apart; the worst is 'hard'")));
  const Json json = Json::parse(metrics_json(e));
  EXPECT_TRUE(json["datasets"]["one class"]["metrics"]["roc_auc"]["value"].is_null());
  EXPECT_EQ(json["datasets"]["one class"]["metrics"]["roc_auc"]["why"], "there are no genuine pictures");
}

TEST(Evaluation, EachDataSetIsComparedWithAllOthersTogether) {
  const std::vector<ScoredPicture> pictures{picture(0, 0.1, "a"), picture(1, 0.9, "a"), picture(0, 0.6, "b"),
                                            picture(1, 0.4, "b"), picture(0, 0.2, "c"), picture(1, 0.3, "c"),
                                            picture(1, {}, "c")};
  const Evaluation e = evaluate(pictures, {});
  ASSERT_EQ(e.left_out.size(), 3u);
  // Without "a": genuine 0.6, 0.2; fakes 0.4, 0.3: two of four pairs are in order.
  EXPECT_EQ(e.left_out[0].dataset, "a");
  EXPECT_EQ(e.left_out[0].others.summary.metric("roc_auc").value, 0.5);
  EXPECT_EQ(e.left_out[0].auc_gap, -0.5);
  EXPECT_EQ(e.left_out[1].auc_gap, 1.0) << "all others are in order, this one is not";
  EXPECT_EQ(e.left_out[2].others.pictures, 4u);
  EXPECT_EQ(e.left_out[0].others.pictures, 5u) << "those without a score are counted";
  std::vector<ScoredPicture> others;
  for (const ScoredPicture& p : pictures)
    if (p.sample.dataset != "b") others.push_back(p);
  const Json json = Json::parse(metrics_json(e)), alone = Json::parse(metrics_json(evaluate(others, {})));
  EXPECT_EQ(json["left_out"]["b"]["auc_gap"], 1.0);
  EXPECT_EQ(json["left_out"]["b"]["others"], alone["all"]) << "what an evaluation of the others alone gives";
  EXPECT_THAT(report_page(e), HasSubstr("nothing was trained again"));
  EXPECT_TRUE(evaluate({picture(0, 0.1), picture(1, 0.9)}, {}).left_out.empty());
}

TEST(Evaluation, OneClassOnEitherSideLeavesTheGapOpen) {
  const Evaluation e = evaluate({picture(0, 0.1, "a"), picture(1, 0.9, "a"), picture(1, 0.9, "b")}, {});
  EXPECT_FALSE(e.left_out[0].auc_gap);
  EXPECT_FALSE(e.left_out[1].auc_gap);
  EXPECT_TRUE(Json::parse(metrics_json(e))["left_out"]["a"]["auc_gap"].is_null());
  EXPECT_THAT(report_page(e), HasSubstr("<td>–</td>"));
}

// Folders of one name in two data sets, or of both classes, are merged by other evaluations.
TEST(Evaluation, GroupsNeverMixDataSetsOrLabels) {
  const Evaluation e = evaluate({picture(0, 0.2, "a", "anna"), picture(0, 0.4, "a", "anna"),
                                 picture(1, 0.8, "a", "anna"), picture(0, 0.6, "b", "anna")},
                                {});
  EXPECT_EQ(e.all.summary.groups, 2u) << "resampled together inside a data set";
  ASSERT_TRUE(e.by_group);
  EXPECT_EQ(e.by_group->count, 3u);
  EXPECT_EQ(e.by_group->fake, 1u);
  EXPECT_NEAR(*e.by_group->metric("brier").value, (0.3 * 0.3 + 0.2 * 0.2 + 0.6 * 0.6) / 3, 1e-12);
  EXPECT_FALSE(evaluate({picture(0, 0.2), picture(1, 0.4)}, {}).by_group);
}

TEST(Evaluation, AnUntrainedModelAndAnAucOfChanceAreSaid) {
  EvaluationOptions options;
  options.model = {{"model", "demo"}, {"trained", "false"}, {"sha256", "abc"}};
  const Evaluation e = evaluate({picture(0, 0.5), picture(1, 0.5), picture(0, 0.4), picture(1, 0.4)}, options);
  EXPECT_THAT(e.notes, Contains("The model 'demo' is not trained. Its scores say nothing about any picture."));
  EXPECT_THAT(e.notes, Contains(HasSubstr("The AUC of 0.50 is no better than chance")));
  const std::string page = report_page(e);
  EXPECT_THAT(page, HasSubstr("model <b>demo</b> (untrained), SHA-256 <code>abc"));
}

/// Every page is whole whatever the data are.
void expect_sound(const Evaluation& e) {
  const std::string page = report_page(e);
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  EXPECT_THAT(page, Not(HasSubstr("inf")));
  EXPECT_THAT(page, ::testing::EndsWith("</main></body></html>\n"));
  EXPECT_TRUE(Json::parse(metrics_json(e)).is_object());
}

TEST(Report, IsWholeForOneClassForNothingAndForExtremeScores) {
  expect_sound(evaluate({}, {}));
  expect_sound(evaluate({picture(0, {})}, {}));
  expect_sound(evaluate({picture(0, 0.5), picture(0, 0.5)}, {}));
  expect_sound(evaluate({picture(1, 0.0)}, {}));
  expect_sound(evaluate({picture(1, 1.0), picture(0, 0.0), picture(1, 0.0), picture(0, 1.0)}, {}));
}

TEST(Report, NeedsNothingFromOutsideAndNoScript) {
  const std::string page = report_page(evaluate({picture(0, 0.1), picture(1, 0.9), picture(1, 0.3, "e")}, {}));
  for (const char* outside : {"http:", "https:", "<script", "<link", "src=", "href=", "url(", "@import"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  for (const char* drawing : {"ROC curve", "Precision and recall", "Detection error trade-off", "Scores", "Reliability",
                              "Decisions at 0.50", "AUC by data set"})
    EXPECT_THAT(page, HasSubstr(std::string("class=\"title\" x=\"56.0\" y=\"20\">") + drawing));
}

TEST(Report, NamesAreEscaped) {
  ScoredPicture bad = picture(0, {}, "<b>set</b>");
  bad.sample.path = "\"><script>alert(1)</script>.jpg";
  EvaluationOptions options;
  options.model = {{"model", "<img onerror=x>"}};
  const std::string page = report_page(evaluate({bad, picture(0, 0.2, "<b>set</b>"), picture(1, 0.8, "a&b")}, options));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>set")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;.jpg"));
}

TEST(Report, TheNormalQuantileIsTheInverseOfTheDistribution) {
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile(0.002), -2.878161739095483, 1e-12);
}

TEST(ScoresTable, HasARowAPictureWithItsDecisionOrItsProblem) {
  ScoredPicture odd = picture(1, 0.25, "a,b", "g");
  EXPECT_EQ(scores_row(odd, {}), "p.jpg,\"a,b\",test,g,fake,1,0.25,real,\r\n");
  EXPECT_EQ(scores_row(picture(0, {}), {}), "p.jpg,d,test,,real,1,,,truncated: node 'decode': the file ends early\r\n");
}

TEST(ScoresTable, HasTwoColumnsMoreWithACalibration) {
  EvaluationOptions options;
  options.model = {{"threshold", "0.2"}};
  ScoredPicture low = picture(1, 0.25);
  low.calibrated = 0.3;
  EXPECT_EQ(scores_header(options),
            "path,dataset,split,group,label,faces,score,called,calibrated,called_calibrated,problem\r\n");
  EXPECT_EQ(scores_row(low, options), "p.jpg,d,test,,fake,1,0.25,real,0.3,fake,\r\n");
  EXPECT_EQ(scores_row(picture(0, {}), options),
            "p.jpg,d,test,,real,1,,,,,truncated: node 'decode': the file ends early\r\n");
}

TEST(Evaluation, CalibratedProbabilitiesAreMeasuredAtTheModelsThreshold) {
  std::vector<ScoredPicture> pictures{picture(0, 0.01), picture(0, 0.6), picture(1, 0.7), picture(1, 0.99)};
  const std::vector<double> calibrated{0.2, 0.54, 0.58, 0.8};
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i].calibrated = calibrated[i];
  EvaluationOptions options;
  EXPECT_FALSE(evaluate(pictures, options).calibrated) << "the model has no calibration";
  options.model = {{"threshold", "0.56"}, {"temperature", "3"}};
  const Evaluation e = evaluate(pictures, options);
  ASSERT_TRUE(e.calibrated);
  EXPECT_EQ(e.all.summary.metric("accuracy").value, 0.75) << "0.6 is called fake at 0.5";
  EXPECT_EQ(e.calibrated->metric("accuracy").value, 1.0);
  EXPECT_NEAR(*e.calibrated->metric("brier").value, (0.2 * 0.2 + 0.54 * 0.54 + 0.42 * 0.42 + 0.2 * 0.2) / 4, 1e-12);
  const Json json = Json::parse(metrics_json(e));
  EXPECT_EQ(json["calibrated"]["threshold"], 0.56);
  EXPECT_EQ(json["calibrated"]["metrics"]["roc_auc"]["value"], 1.0);
  EXPECT_THAT(report_page(e), HasSubstr("<th>calibrated, at 0.560</th>"));
  options.model["threshold"] = "half";
  EXPECT_THROW(evaluate(pictures, options), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::evaluation
