#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "dfpipe/random.hpp"
#include "predict_run.hpp"
#include "training_run.hpp"

namespace dfpipe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Train, LeavesAModelSnapshotsAndRecordsOfTheRun) {
  const TrainingFolder folder;
  const Finished f = folder.train("whole", {"patience=0"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const fs::path run = folder.run("whole");
  for (const char* const file :
       {"run.json", "config.yaml", "environment.json", "metrics.jsonl", "events.out.tfevents.dfpipe", "report.html",
        "finished.json", "best/dora/adapter_model.safetensors", "best/head_weights.pt", "best/train_state.pt",
        "model/clip_vision/model.safetensors", "model/head_weights.safetensors", "model/preprocessor_config.json",
        "model/README.md"})
    EXPECT_TRUE(fs::exists(run / file)) << file;
  EXPECT_EQ(folder.metrics("whole", "step").size(), 6u);
  EXPECT_EQ(folder.metrics("whole", "epoch").size(), 3u);
  // B4: a snapshot of every epoch, heads included.
  std::size_t snapshots = 0;
  for (const auto& entry : fs::directory_iterator(run / "snapshots")) {
    ++snapshots;
    EXPECT_THAT(entry.path().filename().string(), ::testing::MatchesRegex("dora_epoch[1-3]_auc[01]\\.[0-9]+"));
    EXPECT_TRUE(fs::exists(entry.path() / "head_weights.pt"));
  }
  EXPECT_EQ(snapshots, 3u);
  std::size_t checkpoints = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(run / "checkpoints")) ++checkpoints;
  EXPECT_EQ(checkpoints, 2u);
}

TEST(Train, ItsModelAndItsSnapshotsPredictAtOnceAndAlike) {
  const TrainingFolder folder;
  ASSERT_EQ(folder.train("one", {"epochs=1"}).exit_code, 0);
  std::map<std::string, double> scores;
  for (const std::string part : {"model", "best"}) {
    const fs::path out = folder.path() / ("out-" + part);
    const Finished f =
        predict(folder.data("ds1") / "Validation", out,
                {"--set", "model=" + (folder.run("one") / part).string(), "--set", "faces.precropped=true"});
    ASSERT_EQ(f.exit_code, 0) << f.err;
    EXPECT_THAT(f.err, Not(HasSubstr("UNTRAINED")));
    scores[part] = predictions(out).at(0).at("faces").at(0).at("probability").get<double>();
  }
  EXPECT_NEAR(scores.at("model"), scores.at("best"), 1e-5);
}

/// B15: a seed decides everything, and the hashes of data and start weights are kept with the run.
TEST(Train, GivesTheSameBytesForOneTwoAndFourThreads) {
  const TrainingFolder folder;
  for (const char* const threads : {"1", "2", "4"})
    ASSERT_EQ(folder.train(threads, {}, {"--threads", threads}).exit_code, 0) << threads;
  const auto expected = models_of(folder.run("1"));
  EXPECT_EQ(expected, models_of(folder.run("2")));
  EXPECT_EQ(expected, models_of(folder.run("4")));
  ASSERT_EQ(folder.train("seed", {}, {"--seed", "2"}).exit_code, 0);
  EXPECT_NE(expected, models_of(folder.run("seed")));
  const Json facts = Json::parse(file_bytes(folder.run("1") / "environment.json")).at("facts");
  EXPECT_EQ(facts.at("batches").at("list").get<std::string>().size(), 64u);
  EXPECT_EQ(facts.at("detector").at("sha256").get<std::string>().size(), 64u);
}

void kill_at_line(Process& process, const fs::path& runs, std::size_t lines) {
  while (process.running() && read_lines(runs / "latest/metrics.jsonl").size() < lines)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  process.signal(SIGKILL);
  process.wait();
}

/// B3, B4: from the step it was at, whatever was killed when, and never with parts of two moments.
TEST(Train, GoesOnToTheSameBytesAfterKillNineAtAnyMoment) {
  const TrainingFolder folder;
  // Three batches of four pictures a step would be two; with two batches an epoch and a step of up to two, a kill falls
  // between the batches of a step as well.
  const std::vector<std::string> settings{"patience=0", "accumulate=2", "epochs=5", "batch=4",
                                          "step/optimize.checkpoint_every=0"};
  ASSERT_EQ(folder.train("unbroken", settings).exit_code, 0);
  const auto expected = models_of(folder.run("unbroken"));
  const std::size_t lines = read_lines(folder.run("unbroken") / "metrics.jsonl").size();
  Random random(5);
  for (int round = 0; round < 5; ++round) {
    const std::string name = "killed" + std::to_string(round);
    for (int kill = 0; kill < 2; ++kill) {
      Process process(folder.command(name, settings,
                                     kill == 0 ? std::vector<std::string>{} : std::vector<std::string>{"--resume"}));
      kill_at_line(process, folder.runs(name), static_cast<std::size_t>(kill) * lines / 2 + random.below(lines / 2));
    }
    if (!fs::exists(folder.runs(name) / "latest")) continue;  // killed before it began
    // What a kill in the middle of a checkpoint leaves.
    std::ofstream(folder.run(name) / "checkpoints/batch_9999999999_step_99.safetensors.tmp1") << "half";
    const Finished f = folder.train(name, settings, {"--resume"});
    if (f.err.find("is finished") == std::string::npos) ASSERT_EQ(f.exit_code, 0) << f.err;
    EXPECT_EQ(models_of(folder.run(name)), expected) << name;
    EXPECT_EQ(read_lines(folder.run(name) / "metrics.jsonl").size(), lines);
    for (const auto& entry : fs::directory_iterator(folder.run(name) / "checkpoints"))
      EXPECT_EQ(entry.path().extension(), ".safetensors");
  }
}

TEST(Train, AStopIsGoneOnFromAsWell) {
  const TrainingFolder folder;
  ASSERT_EQ(folder.train("unbroken").exit_code, 0);
  Process process(folder.command("stopped", {}));
  while (process.running() && read_lines(folder.runs("stopped") / "latest/metrics.jsonl").empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  process.signal(SIGINT);
  const Finished stopped = process.wait();
  if (stopped.exit_code != 0) {
    EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("--resume goes on from here"));
    ASSERT_EQ(folder.train("stopped", {}, {"--resume"}).exit_code, 0);
  }
  EXPECT_EQ(models_of(folder.run("stopped")), models_of(folder.run("unbroken")));
}

TEST(Train, RefusesToGoOnWithAnotherConfigurationOrOtherDataAndSaysHowTheyDiffer) {
  const TrainingFolder folder;
  ASSERT_EQ(folder.train("run", {}, {"--limit", "2"}).exit_code, 0);
  const Finished rate = folder.train("run", {"lr=0.001"}, {"--resume"});
  EXPECT_EQ(rate.exit_code, 1);
  EXPECT_THAT(rate.err, HasSubstr("nodes.step.nodes.optimize.with.lr is 0.001, was 2e-04"));
  fs::remove(folder.data("ds1") / "Train/Fake/ds1_train_0.png");
  fs::copy_file(folder.data("ds1") / "Train/Fake/ds1_train_2.png", folder.data("ds1") / "Train/Fake/new.png");
  const Finished data = folder.train("run", {}, {"--resume"});
  EXPECT_EQ(data.exit_code, 1);
  EXPECT_THAT(data.err,
              HasSubstr("1 samples are new ('ds1/Train/Fake/new.png'); 1 are gone ('ds1/Train/Fake/ds1_train_0.png')"));
}

/// B3: a finished run is no longer resumed with half of what it had.
TEST(Train, DoesNotGoOnWithAFinishedRun) {
  const TrainingFolder folder;
  ASSERT_EQ(folder.train("run", {"epochs=1"}).exit_code, 0);
  const Finished again = folder.train("run", {"epochs=1"}, {"--resume"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("is finished, its model lies in"));
}

/// B6: an AUC that is no better is no improvement, and patience ends the run with the best epoch's model.
TEST(Train, EndsWhenPatienceIsUsedUp) {
  const TrainingFolder folder;
  const Finished f = folder.train("early", {"lr=0", "step/optimize.lr_min=0", "patience=2", "epochs=9"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  const std::vector<Json> epochs = folder.metrics("early", "epoch");
  ASSERT_EQ(epochs.size(), 3u);
  EXPECT_TRUE(epochs[0].at("best").get<bool>());
  EXPECT_FALSE(epochs[2].at("best").get<bool>());
  EXPECT_TRUE(fs::exists(folder.run("early") / "model/head_weights.safetensors"));
}

TEST(Train, ALossThatIsNotFiniteEndsTheRunAndNamesTheLastGoodCheckpoint) {
  const TrainingFolder folder;
  const Finished f = folder.train("nan", {"lr=1e30", "step/optimize.clip_norm=0", "step/optimize.checkpoint_every=0"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, HasSubstr("not finite"));
  EXPECT_THAT(f.err, HasSubstr("the last good checkpoint is"));
  EXPECT_FALSE(fs::exists(folder.run("nan") / "finished.json"));
}

TEST(Train, BrokenPicturesFallOutOfTheirBatchUntilTheyAreTooMany) {
  const TrainingFolder folder;
  std::ofstream(folder.data("ds1") / "Train/Fake/ds1_train_0.png") << "no picture";
  const Finished strict = folder.train("strict");
  EXPECT_EQ(strict.exit_code, 1);
  EXPECT_THAT(strict.err, HasSubstr("could not be used"));
  EXPECT_THAT(strict.err, HasSubstr("ds1_train_0.png"));
  const Finished lenient = folder.train("lenient", {"step/optimize.max_failed=0.5"});
  EXPECT_EQ(lenient.exit_code, 3) << lenient.err;
  EXPECT_EQ(folder.metrics("lenient", "epoch").at(0).at("failed_samples"), 1);
  EXPECT_TRUE(fs::exists(folder.run("lenient") / "model/head_weights.safetensors"));
}

TEST(Train, AFullDiskAtACheckpointLeavesTheOneBefore) {
  const TrainingFolder folder;
  const std::vector<std::string> settings{"epochs=2", "step/optimize.checkpoint_every=0"};
  ASSERT_EQ(folder.train("full", settings, {"--limit", "1"}).exit_code, 0);
  const fs::path first = folder.run("full") / "checkpoints/batch_0000000001_step_1.safetensors";
  const std::string before = file_bytes(first);
  ASSERT_FALSE(before.empty());
  // A limit on the size of any one file stands in for a full disk: metrics fit, the second checkpoint does not.
  std::string resume;
  for (const std::string& word : folder.command("full", settings, {"--resume"})) resume += "'" + word + "' ";
  const Finished f = run_process({"/bin/bash", "-c", "trap '' XFSZ; ulimit -f 400; " + resume}, {});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, HasSubstr("checkpoints/batch_0000000002_step_2.safetensors: cannot be written"));
  EXPECT_THAT(f.err, HasSubstr("--resume goes on from there"));
  EXPECT_EQ(file_bytes(first), before);
  ASSERT_EQ(folder.train("full", settings, {"--resume"}).exit_code, 0);
  ASSERT_EQ(folder.train("whole", settings).exit_code, 0);
  EXPECT_EQ(models_of(folder.run("full")), models_of(folder.run("whole")));
}

TEST(Train, ADryRunLearnsOneBatchAndWritesNothing) {
  const TrainingFolder folder;
  const Finished f = folder.train("dry", {"dry_run=true"}, {"--json"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(calls(f, "step/optimize"), 2u);
  EXPECT_FALSE(fs::exists(folder.runs("dry")));
}

TEST(Train, LearnsAFewBatchesByHeart) {
  const TrainingFolder folder;
  const Finished f = folder.train(
      "heart", {"overfit_batches=1", "epochs=30", "patience=0", "lr=0.002", "model=" + folder.model().string()});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const std::vector<Json> epochs = folder.metrics("heart", "epoch");
  EXPECT_LT(epochs.back().at("train_loss").get<double>(), 0.7 * epochs.front().at("train_loss").get<double>());
}

TEST(Train, InBfloat16TheFirstStepIsNearThatOfFloat32) {
  const TrainingFolder folder;
  std::map<std::string, double> losses;
  for (const std::string precision : {"fp32", "bf16"}) {
    const Finished f = folder.train(precision, {"epochs=1", "max_steps=1", "precision=" + precision});
    ASSERT_EQ(f.exit_code, 0) << f.err;
    losses[precision] = folder.metrics(precision, "step").at(0).at("loss");
  }
  EXPECT_NE(losses["bf16"], losses["fp32"]);
  EXPECT_NEAR(losses["bf16"], losses["fp32"], 0.02 * losses["fp32"]);
}

TEST(Train, SaysAtOnceWhatItCannotTrainOn) {
  const TrainingFolder folder;
  const auto error = [&](const std::vector<std::string>& settings) {
    const Finished f = folder.train("bad", settings);
    EXPECT_NE(f.exit_code, 0);
    EXPECT_FALSE(fs::exists(folder.runs("bad")));
    return f.err;
  };
  EXPECT_THAT(error({"batch=6"}), HasSubstr("6"));
  EXPECT_THAT(error({"run.deterministic=false"}), HasSubstr("deterministic"));
  EXPECT_THAT(error({"detector.train=no"}), HasSubstr("is not for training"));
  EXPECT_THAT(error({"name=a/b"}), HasSubstr("name must be that of a folder"));
  EXPECT_THAT(error({"detector.from_scratch=true"}), HasSubstr("from_scratch wants 'train: all'"));
  // B5: float16 on the CPU is refused with a sentence, before any work.
  EXPECT_THAT(error({"precision=fp16"}), HasSubstr("fp16"));
  fs::remove_all(folder.data("ds1") / "Train/Fake");
  EXPECT_THAT(error({}), HasSubstr("ds1"));
}

}  // namespace
}  // namespace dfpipe::testing
