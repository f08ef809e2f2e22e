#include "api/verdict.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace dfpipe::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Evidence at(double probability, double threshold = 0.5) {
  return {.probability = probability, .threshold = threshold, .shorter_side = 100, .min_face = 48};
}

std::string words(const Evidence& evidence) {
  const Verdict verdict = verdict_on(evidence);
  return verdict.word + (verdict.band.empty() ? "" : " " + verdict.band);
}

TEST(Verdict, GrowsStrongerWithTheDistanceFromTheThreshold) {
  EXPECT_EQ(words(at(0.5)), "inconclusive");
  EXPECT_EQ(words(at(0.599)), "inconclusive");
  EXPECT_EQ(words(at(0.601)), "fake weak");
  EXPECT_EQ(words(at(0.749)), "fake weak");
  EXPECT_EQ(words(at(0.751)), "fake moderate");
  EXPECT_EQ(words(at(0.901)), "fake strong");
  EXPECT_EQ(words(at(1)), "fake strong");
  EXPECT_EQ(words(at(0.399)), "real weak");
  EXPECT_EQ(words(at(0.249)), "real moderate");
  EXPECT_EQ(words(at(0)), "real strong");
}

TEST(Verdict, FollowsTheThresholdOfACalibration) {
  EXPECT_EQ(words(at(0.5, 0.2)), "fake moderate");
  EXPECT_EQ(words(at(0.2, 0.2)), "inconclusive");
  EXPECT_EQ(words(at(0.7, 0.95)), "real moderate");
}

TEST(Verdict, IsNoneWithoutAFaceASizeATrainingOrAScoreAndSaysWhy) {
  Evidence none = at(0.99);
  none.face_found = false;
  none.shorter_side = 5;
  EXPECT_THAT(verdict_on(none).reasons, ElementsAre("no_face"));
  Evidence small = at(0.99);
  small.shorter_side = 47;
  EXPECT_THAT(verdict_on(small).reasons, ElementsAre("face_too_small"));
  EXPECT_EQ(words(small), "inconclusive");
  Evidence untrained = at(0.99);
  untrained.trained = false;
  EXPECT_THAT(verdict_on(untrained).reasons, ElementsAre("untrained"));
  Evidence failed = at(0.5);
  failed.probability.reset();
  EXPECT_THAT(verdict_on(failed).reasons, ElementsAre("no_score"));
  EXPECT_EQ(words(at(std::nan(""))), "inconclusive");
  EXPECT_THAT(verdict_on(at(std::nan(""))).reasons, ElementsAre("no_score"));
  EXPECT_THAT(verdict_on(at(0.5)).reasons, ElementsAre("near_threshold"));
  EXPECT_THAT(verdict_on(at(0.99)).reasons, IsEmpty());
}

}  // namespace
}  // namespace dfpipe::server
