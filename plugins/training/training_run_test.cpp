#include <gmock/gmock.h>

#include <cmath>

#include "adapters.hpp"
#include "artifacts.hpp"
#include "checkpoint_file.hpp"
#include "initial_weights.hpp"
#include "learner.hpp"
#include "run_folder.hpp"
#include "test_tensors.hpp"
#include "train_state.hpp"
#include "training_run.hpp"
#include "validation.hpp"

/// The parts of a training, on a tiny detector.
namespace dfpipe::training {
namespace {

namespace fs = std::filesystem;
using detector::TrainableModel;
using detector::testing::message_of;
using detector::testing::ScratchFolder;
using ::testing::HasSubstr;

std::unique_ptr<TrainableModel> tiny_model(bool adapters = true) {
  detector::ClipVision clip = detector::ClipVision::load(detector::testing::data / "clip/tiny");
  std::optional<detector::AdapterConfig> config;
  if (adapters) {
    config.emplace();
    config->rank = 2;
    config->dora = true;
    config->targets.names = {"q_proj", "v_proj"};
    detector::add_adapters(clip, *config, 1);
  }
  detector::Heads heads(clip.config().hidden_size);
  detector::start_heads(heads, 1);
  detector::start_projection(heads, 8, 1);
  return std::make_unique<TrainableModel>(std::move(clip), std::move(heads), config, at::kCPU, at::kFloat);
}

at::Tensor some_loss(const TrainableModel& model, std::uint64_t seed) {
  at::Tensor loss = at::zeros({});
  for (const detector::NamedTensor& parameter : model.parameters()) {
    const at::Tensor target = at::full_like(parameter.tensor, 0.01 * static_cast<double>(seed));
    loss = loss + (parameter.tensor - target).square().mean();
  }
  return loss;
}

std::vector<at::Tensor> copies(const TrainableModel& model) {
  std::vector<at::Tensor> all;
  for (const detector::NamedTensor& parameter : model.parameters()) all.push_back(parameter.tensor.detach().clone());
  return all;
}

bool equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.equal(y); });
}

TEST(TrainableModel, OnlyAdaptersAndHeadsLearn) {
  const auto model = tiny_model();
  for (const detector::NamedTensor& parameter : model->parameters()) {
    EXPECT_TRUE(parameter.tensor.requires_grad()) << parameter.name;
    EXPECT_TRUE(parameter.name.find("lora_") != std::string::npos || parameter.name.starts_with("fft_branch") ||
                parameter.name.starts_with("classifier") || parameter.name.starts_with("projection_head"))
        << parameter.name;
  }
  const auto whole = tiny_model(false);
  EXPECT_GT(whole->parameters().size(), model->parameters().size());
}

TEST(TrainableModel, WithoutGradientsItIsThePreparedModelOfTheWeightsAsTheyAre) {
  const auto model = tiny_model();
  const at::Tensor pixels = at::rand({2, 3, 32, 32});
  const auto plain = [&] { return model->forward(pixels, {}).pooled.detach().clone(); };
  const auto prepared = [&] {
    const at::NoGradGuard constant;
    return model->forward(pixels, {}).pooled;
  };
  EXPECT_TRUE(detector::testing::close(prepared(), plain(), 1e-4));
  Learner learner(*model, {.schedule = {.base = 0.1}});
  LossScaler scaler;
  learner.add(model->forward(pixels, {}).pooled.square().sum(), scaler);
  const at::Tensor before = prepared();
  learner.step({}, scaler);
  EXPECT_FALSE(detector::testing::close(prepared(), before, 1e-3));
  EXPECT_TRUE(detector::testing::close(prepared(), plain(), 1e-4));
}

/// B6: what is left over at the end of an epoch is a step of its own, averaged over as many batches as there are.
TEST(Learner, AStepAveragesTheBatchesThereAre) {
  std::vector<double> norms;
  for (const std::int64_t batches : {1, 3}) {
    const auto model = tiny_model();
    Learner learner(*model, {.accumulate = 4});
    LossScaler scaler;
    for (std::int64_t i = 0; i < batches; ++i) learner.add(some_loss(*model, 1), scaler);
    EXPECT_EQ(learner.waiting(), batches);
    EXPECT_FALSE(learner.due());
    norms.push_back(learner.step({}, scaler).gradient_norm);
    EXPECT_EQ(learner.waiting(), 0);
  }
  EXPECT_NEAR(norms[0], norms[1], 1e-5 * norms[0]);
}

/// B5: float16 gradients are scaled, and an overflow costs a step, not the weights.
TEST(Learner, AnOverflowOfScaledGradientsLeavesTheWeights) {
  const auto model = tiny_model();
  Learner learner(*model, {});
  LossScaler scaler{.on = true};
  const auto before = copies(*model);
  learner.add(some_loss(*model, 1) * INFINITY, scaler);
  EXPECT_FALSE(learner.step({}, scaler).taken);
  EXPECT_TRUE(equal(copies(*model), before));
  EXPECT_EQ(scaler.scale, 32768);
  learner.add(some_loss(*model, 1), scaler);
  EXPECT_TRUE(learner.step({}, scaler).taken);
  EXPECT_FALSE(equal(copies(*model), before));
}

TEST(Learner, ScalingTheLossChangesNoStep) {
  std::vector<std::vector<at::Tensor>> results;
  for (const bool on : {false, true}) {
    const auto model = tiny_model();
    Learner learner(*model, {});
    LossScaler scaler{.on = on};
    learner.add(some_loss(*model, 1), scaler);
    learner.step({}, scaler);
    results.push_back(copies(*model));
  }
  EXPECT_TRUE(equal(results[0], results[1]));  // a power of two costs no digit
}

TEST(Learner, GradientsThatAreNotFiniteEndATrainingWithoutScale) {
  const auto model = tiny_model();
  Learner learner(*model, {});
  LossScaler scaler;
  learner.add(some_loss(*model, 1) * INFINITY, scaler);
  EXPECT_THROW(learner.step({}, scaler), Fatal);
}

/// A gradient that is not finite whatever the scale is no overflow.
TEST(Learner, GradientsThatNoScaleCanSaveEndATraining) {
  const auto model = tiny_model();
  Learner learner(*model, {});
  LossScaler scaler{.on = true};
  const auto broken = [&] {
    learner.add(some_loss(*model, 1) * INFINITY, scaler);
    return learner.step({}, scaler);
  };
  for (int step = 0; step < 16; ++step) EXPECT_FALSE(broken().taken);
  EXPECT_EQ(scaler.scale, 1);
  EXPECT_THROW(broken(), Fatal);
}

TEST(Checkpoint, HoldsEverythingToTheLastBit) {
  const ScratchFolder folder;
  const auto model = tiny_model();
  Learner learner(*model, {});
  Progress progress{.position = 7, .epoch = 1, .step = 3, .best_auc = 0.1 + 0.2, .best_epoch = 0};
  progress.sums = {.seen = 3, .batches = 2, .loss = 1.0 / 3, .images = 8, .correct = 5, .failed = 1};
  progress.best_snapshot = "dora_epoch1_auc0.3000";
  learner.add(some_loss(*model, 1), progress.scaler);
  learner.step({}, progress.scaler);
  at::Tensor(model->buffers()[0].tensor).fill_(0.25);
  write_checkpoint(folder / "a.safetensors", *model, learner.optimizer(), progress);
  const auto saved = copies(*model);

  const auto other = tiny_model();
  Learner again(*other, {});
  const Progress read = read_checkpoint(folder / "a.safetensors", *other, again.optimizer());
  EXPECT_EQ(read.to_text(), progress.to_text());
  EXPECT_EQ(read.best_auc, progress.best_auc);
  EXPECT_TRUE(equal(copies(*other), saved));
  EXPECT_TRUE(other->buffers()[0].tensor.equal(model->buffers()[0].tensor));
  for (int step = 2; step < 4; ++step)
    for (auto* both : {&learner, &again}) {
      both->add(some_loss(both == &learner ? *model : *other, static_cast<std::uint64_t>(step)), progress.scaler);
      both->step({.step = step}, progress.scaler);
    }
  EXPECT_TRUE(equal(copies(*model), copies(*other)));
}

TEST(Checkpoint, OfAnotherModelOrDamagedIsRefused) {
  const ScratchFolder folder;
  const auto model = tiny_model();
  Learner learner(*model, {});
  write_checkpoint(folder / "a.safetensors", *model, learner.optimizer(), {});
  const auto whole = tiny_model(false);
  Learner other(*whole, {});
  EXPECT_THAT(message_of([&] { read_checkpoint(folder / "a.safetensors", *whole, other.optimizer()); }),
              HasSubstr("the checkpoint is another model's"));
  EXPECT_THAT(message_of([&] { write_checkpoint(folder / "none/a.safetensors", *model, learner.optimizer(), {}); }),
              HasSubstr("cannot be created"));
  const std::string bytes = detector::testing::read_bytes(folder / "a.safetensors");
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
    detector::testing::write_bytes(folder / "cut.safetensors", bytes.substr(0, size));
    EXPECT_THAT(message_of([&] { read_progress(folder / "cut.safetensors"); }), HasSubstr("cut.safetensors")) << size;
  }
  detector::testing::write_bytes(folder / "text.safetensors", "no checkpoint");
  EXPECT_NE(message_of([&] { read_progress(folder / "text.safetensors"); }), "");
}

/// B2: what a training writes it can read again, and nothing in it is code.
TEST(Snapshot, IsATrainingFolderOfTheOriginalsLayout) {
  const ScratchFolder folder;
  const auto model = tiny_model();
  Learner learner(*model, {});
  Progress progress{.epoch = 2, .best_auc = 0.75, .patience = 1};
  learner.add(some_loss(*model, 1), progress.scaler);
  learner.step({}, progress.scaler);
  write_snapshot(folder / "snap", *model, learner.optimizer(), {}, progress, {});
  write_snapshot(folder / "snap", *model, learner.optimizer(), {}, progress, {});  // replaces itself
  const detector::TrainState state = detector::TrainState::load(folder / "snap/train_state.pt");
  EXPECT_EQ(state.epoch, 2);
  EXPECT_EQ(state.best_val_auc, 0.75);
  EXPECT_EQ(state.patience_counter, 1);
  EXPECT_EQ(state.moments.size(), model->parameters().size());
  EXPECT_TRUE(state.moments.at(3).exp_avg.equal(learner.optimizer().moments()[3].exp_avg));
  EXPECT_NEAR(state.groups.at(0).lr, WarmRestarts().rate(3), 1e-15);
  detector::ClipVision base = detector::ClipVision::load(detector::testing::data / "clip/tiny");
  EXPECT_EQ(detector::load_adapters(base, folder / "snap/dora").rank, 2);
}

TEST(SnapshotName, HasEpochAndAuc) {
  EXPECT_EQ(snapshot_name(true, 0, 0.5625), "dora_epoch1_auc0.5625");
  EXPECT_EQ(snapshot_name(false, 11, 0.0), "epoch12_auc0.0000");
  EXPECT_EQ(snapshot_name(true, 0, std::nullopt), "dora_epoch1_aucnone");
}

BatchLabels labelled(const std::vector<std::int64_t>& labels, const std::string& dataset) {
  BatchLabels batch;
  for (const std::int64_t label : labels) {
    Sample sample;
    sample.label = label;
    sample.dataset = dataset;
    batch.samples.push_back(sample);
  }
  batch.labels = at::tensor(labels);
  return batch;
}

TEST(Validation, JudgesAllDataSetsTogetherAndEachAlone) {
  Validation validation;
  const auto scores = [](std::vector<float> fake) {
    const at::Tensor f = at::tensor(fake);
    return at::stack({1 - f, f}, 1);
  };
  validation.add(1, scores({0.9f, 0.2f}), labelled({1, 0}, "a"));
  validation.add(4, scores({0.4f, 0.6f, 0.7f, 0.1f}), labelled({1, 0, 1, 0}, "b"));
  const ValidationResult result = validation.result();
  EXPECT_EQ(result.images, 6);
  EXPECT_DOUBLE_EQ(*result.loss, (1.0 * 2 + 4.0 * 4) / 6);
  EXPECT_DOUBLE_EQ(*result.auc, 8.0 / 9);
  EXPECT_DOUBLE_EQ(*result.accuracy, 4.0 / 6);
  EXPECT_DOUBLE_EQ(result.auc_by_dataset.at("a"), 1);
  EXPECT_DOUBLE_EQ(result.auc_by_dataset.at("b"), 0.75);
}

TEST(Validation, OfOneClassOrOfNothingHasNoAuc) {
  Validation validation;
  EXPECT_FALSE(validation.result().auc);
  EXPECT_FALSE(validation.result().loss);
  validation.add(1, at::full({2, 2}, 0.5), labelled({1, 1}, "a"));
  EXPECT_FALSE(validation.result().auc);
  EXPECT_TRUE(validation.result().loss);
  EXPECT_TRUE(validation.result().auc_by_dataset.empty());
}

TEST(RunFolder, TwoRunsInOneSecondHaveFoldersOfTheirOwn) {
  const ScratchFolder folder;
  const RunFolder first = RunFolder::create(folder.path(), "name"), second = RunFolder::create(folder.path(), "name");
  EXPECT_NE(first.path(), second.path());
  EXPECT_FALSE(RunFolder::newest(folder.path(), "name"));  // neither has begun
  detector::testing::write_bytes(first.record(), "{}");
  EXPECT_EQ(RunFolder::newest(folder.path(), "name")->path(), first.path());
  detector::testing::write_bytes(second.record(), "{}");
  EXPECT_EQ(RunFolder::newest(folder.path(), "name")->path(), second.path());
  EXPECT_EQ(std::filesystem::canonical(folder / "name/latest"), std::filesystem::canonical(second.path()));
}

TEST(RunFolder, ClearsWhatAKillLeftHalfWrittenAndNothingElse) {
  const ScratchFolder folder;
  const RunFolder run = RunFolder::create(folder.path(), "name");
  const auto whole = {run.checkpoint(1, 1), run.snapshot("dora_epoch1_auc0.5000") / "head_weights.pt", run.record()};
  const auto half = {fs::path(run.checkpoint(2, 2)) += ".tmp12",
                     run.snapshot("dora_epoch2_auc0.5000.tmp12") / "head_weights.pt",
                     run.path() / "model.tmp12/README.md", run.path() / "finished.json.part"};
  for (const auto& files : {whole, half})
    for (const fs::path& file : files) {
      fs::create_directories(file.parent_path());
      detector::testing::write_bytes(file, "x");
    }
  run.clear_halves();
  for (const fs::path& file : whole) EXPECT_TRUE(fs::exists(file)) << file;
  for (const fs::path& file : half) EXPECT_FALSE(fs::exists(file)) << file;
  EXPECT_FALSE(fs::exists(run.snapshot("dora_epoch2_auc0.5000.tmp12")));
  EXPECT_FALSE(fs::exists(run.path() / "model.tmp12"));
}

/// A training of batches of two pictures, on the tiny detector.
class ARun : public ::testing::Test {
 protected:
  ARun() : ARun(TrainingSettings{.batches_in_all = 100}) {}
  explicit ARun(TrainingSettings settings)
      : run_(*model_, std::move(settings)), runs_(RunFolder::create(folder_.path(), "run")) {
    run_.begin(runs_);
  }

  void take(std::uint64_t index, std::int64_t failed = 0) { take(index, some_loss(*model_, index + 1), failed); }
  void take(std::uint64_t index, const at::Tensor& loss, std::int64_t failed = 0) {
    Attributes attributes;
    attributes.phase = Phase::train;
    attributes.name = "batch " + std::to_string(index);
    BatchLabels labels = labelled({0, 1}, "a");
    labels.failed = failed;
    const at::Tensor part = loss.detach(), probabilities = at::full({2, 2}, 0.5);
    run_.take({index, &attributes, &labels, &loss, &part, &part, &probabilities, ""});
  }

  ScratchFolder folder_;
  std::unique_ptr<TrainableModel> model_ = tiny_model();
  TrainingRun run_;
  RunFolder runs_;
};

TEST_F(ARun, EndsWhenABatchIsMissing) {
  take(0);
  EXPECT_THAT(message_of([&] { take(2); }), HasSubstr("batch 1 of the run should come now, not 2"));
}

/// Left out, it would be half in the gradients.
TEST_F(ARun, EndsWhenABatchCannotBeLearntFromWhateverWentWrong) {
  EXPECT_THROW(take(0, at::ones({})), Fatal);  // no gradient leads to the model
}

TEST_F(ARun, StoppedBetweenTwoBatchesGoesOnAtTheNextOne) {
  take(0);
  run_.finish(Outcome::stopped);
  ASSERT_TRUE(runs_.newest_checkpoint());
  EXPECT_EQ(read_progress(*runs_.newest_checkpoint()).position, 1u);
}

/// Its forward pass has moved the batch norms, which a resumed run must not do twice.
TEST_F(ARun, BrokenOffBehindABatchsForwardPassKeepsTheCheckpointBefore) {
  take(0);
  model_->heads().spectrum.forward(at::rand({2, 1, 16, 16}), true);
  run_.finish(Outcome::stopped);
  EXPECT_FALSE(runs_.newest_checkpoint());
}

class ARunThatChecksOften : public ARun {
 protected:
  ARunThatChecksOften() : ARun(TrainingSettings{.checkpoint_every = std::chrono::seconds(0), .batches_in_all = 100}) {}
};

/// Once the pictures are there again, a resumed run takes them.
TEST_F(ARunThatChecksOften, HasNoCheckpointBehindThePicturesThatEndedIt) {
  take(0);
  EXPECT_THAT(message_of([&] { take(1, 5); }), HasSubstr("more than max_failed"));
  EXPECT_EQ(read_progress(*runs_.newest_checkpoint()).position, 1u);
}

}  // namespace
}  // namespace dfpipe::training
