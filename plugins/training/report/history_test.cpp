#include "history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "testing/scratch_folder.hpp"

namespace dfpipe::training {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const StepRecord step{.step = 7,
                      .epoch = 1,
                      .loss = 0.1 + 0.2,
                      .supcon = 1.5,
                      .ce = 0.25,
                      .accuracy = 0.875,
                      .grad_norm = 3.25,
                      .lr = 2e-4,
                      .seconds = 0.5,
                      .data_wait = 0.125,
                      .images = 32};

EpochRecord epoch() {
  return {.epoch = 1,
          .step = 8,
          .train_loss = 0.5,
          .train_accuracy = 0.75,
          .val_loss = 0.625,
          .val_auc = 0.9375,
          .val_accuracy = 0.8125,
          .val_eer = 0.0625,
          .val_auc_by_dataset = {{"celeb \"df\"", 0.5}, {"ff++", 1}},
          .failed_samples = 3,
          .best = true,
          .seconds = 12.5};
}

TEST(History, ALineIsOneJsonObjectWithItsKindFirst) {
  EXPECT_EQ(to_line(step),
            R"({"kind":"step","step":7,"epoch":1,"loss":0.30000000000000004,"supcon":1.5,"ce":0.25,"accuracy":0.875,)"
            R"("grad_norm":3.25,"lr":0.0002,"seconds":0.5,"data_wait":0.125,"images":32})");
  EXPECT_EQ(to_line(epoch()),
            R"({"kind":"epoch","epoch":1,"step":8,"train_loss":0.5,"train_accuracy":0.75,"val_loss":0.625,)"
            R"("val_auc":0.9375,"val_accuracy":0.8125,"val_eer":0.0625,)"
            R"("val_auc_by_dataset":{"celeb \"df\"":0.5,"ff++":1.0},"failed_samples":3,"best":true,"seconds":12.5})");
}

TEST(History, WhatWasWrittenIsReadBack) {
  const testing::ScratchFolder folder;
  const auto file = folder.write("metrics.jsonl", to_line(step) + "\n" + to_line(epoch()) + "\n");
  const History read = read_history(file);
  ASSERT_THAT(read.steps, SizeIs(1));
  ASSERT_THAT(read.epochs, SizeIs(1));
  EXPECT_EQ(read.steps[0].loss, step.loss);
  EXPECT_EQ(to_line(read.steps[0]), to_line(step));
  EXPECT_EQ(to_line(read.epochs[0]), to_line(epoch()));
}

TEST(History, WhatIsNoFiniteNumberIsNullAndReadAsUnknown) {
  StepRecord exploded = step;
  exploded.loss = std::numeric_limits<double>::infinity();
  exploded.grad_norm = std::numeric_limits<double>::quiet_NaN();
  EpochRecord unvalidated = epoch();
  unvalidated.val_auc.reset();
  unvalidated.val_loss = std::numeric_limits<double>::quiet_NaN();
  unvalidated.val_auc_by_dataset = {{"one class", std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_THAT(to_line(exploded), HasSubstr(R"("loss":null)"));
  const testing::ScratchFolder folder;
  const History read =
      read_history(folder.write("metrics.jsonl", to_line(exploded) + "\n" + to_line(unvalidated) + "\n"));
  EXPECT_TRUE(std::isnan(read.steps.at(0).loss));
  EXPECT_TRUE(std::isnan(read.steps.at(0).grad_norm));
  EXPECT_FALSE(read.epochs.at(0).val_auc);
  EXPECT_FALSE(read.epochs.at(0).val_loss);
  EXPECT_TRUE(std::isnan(read.epochs.at(0).val_auc_by_dataset.at("one class")));
  EXPECT_EQ(read.epochs.at(0).val_eer, 0.0625);
}

TEST(History, ALastLineWithoutNewlineIsNoLine) {
  const testing::ScratchFolder folder;
  EXPECT_THAT(read_history(folder.write("half", to_line(step) + "\n{\"kind\":\"st")).steps, SizeIs(1));
  EXPECT_THAT(read_history(folder.write("whole", to_line(step) + "\n" + to_line(step))).steps, SizeIs(1));
  EXPECT_THAT(read_history(folder.write("empty", "")).steps, SizeIs(0));
}

/// What reading a file of a good line and `line` says after the file's name.
std::string refusal(const std::string& line) {
  const testing::ScratchFolder folder;
  const auto file = folder.write("metrics.jsonl", to_line(step) + "\n" + line + "\n");
  try {
    read_history(file);
  } catch (const std::runtime_error& e) {
    const std::string what = e.what();
    return what.starts_with(file.string()) ? what.substr(file.string().size()) : "without the file's name: " + what;
  }
  return "nothing";
}

TEST(History, ABadLineIsRefusedWithItsNumber) {
  EXPECT_EQ(refusal(""), ":2: not a JSON object");
  EXPECT_EQ(refusal("{\"kind\":\"st"), ":2: not a JSON object");
  EXPECT_EQ(refusal("[1]"), ":2: not a JSON object");
  EXPECT_EQ(refusal("{}"), ":2: 'kind' is missing");
  EXPECT_EQ(refusal(R"({"kind":"pause"})"), ":2: 'kind' is neither \"step\" nor \"epoch\"");
  EXPECT_EQ(refusal(R"({"kind":"step","step":1.5})"), ":2: 'step' is not a whole number");
  EXPECT_EQ(refusal(R"({"kind":"step","step":1,"epoch":0,"loss":"low"})"), ":2: 'loss' is not a number");
  EXPECT_EQ(refusal(R"({"kind":"epoch","epoch":0,"step":1,"train_loss":1})"), ":2: 'train_accuracy' is missing");
  std::string line = to_line(epoch());
  line.replace(line.find("\"best\":true"), 11, "\"best\":\"no\"");
  EXPECT_EQ(refusal(line), ":2: 'best' is neither true nor false");
  line = to_line(epoch());
  const std::size_t from = line.find("{\"celeb"), to = line.find("},\"failed");
  EXPECT_EQ(refusal(line.replace(from, to + 1 - from, "3")), ":2: 'val_auc_by_dataset' is not an object");
}

TEST(History, AMissingFileIsNamed) {
  const testing::ScratchFolder folder;
  try {
    read_history(folder / "none.jsonl");
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("none.jsonl: cannot be read"));
  }
}

}  // namespace
}  // namespace dfpipe::training
