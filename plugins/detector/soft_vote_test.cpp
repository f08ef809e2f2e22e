#include <gmock/gmock.h>

#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

const at::Tensor first = at::tensor({0.25, 0.75, 1.0, 0.0}).to(at::kFloat).view({2, 2});

TEST(SoftVote, IsTheMeanOfBothVotes) {
  NodeRunner vote("soft-vote");
  vote.in("probabilities", first).in("second", at::tensor({0.75, 0.25, 0.5, 0.5}).to(at::kFloat).view({2, 2}));
  EXPECT_TRUE(
      close(vote.run().get<at::Tensor>("probabilities"), at::tensor({0.5, 0.5, 0.75, 0.25}).view({2, 2}), 1e-7));
}

TEST(SoftVote, HandsTheFirstOnWhenThereIsNoOther) {
  NodeRunner vote("soft-vote");
  EXPECT_TRUE(at::equal(vote.in("probabilities", first).run().get<at::Tensor>("probabilities"), first));
  vote.in_cell("second",
               Cell(std::make_shared<const Reason>(Reason{Reason::Kind::disabled, "mirrored", "disabled", ""})));
  EXPECT_TRUE(at::equal(vote.run().get<at::Tensor>("probabilities"), first));
}

TEST(SoftVote, ASecondVoteThatFailedOrIsOfOtherPicturesIsAnError) {
  NodeRunner vote("soft-vote");
  vote.in("probabilities", first).in_failed("second", "mirrored/clip", "no memory");
  EXPECT_THAT(message_of([&] { vote.run(); }), AllOf(HasSubstr("no second vote"), HasSubstr("no memory")));
  vote.in("second", at::zeros({1, 2}));
  EXPECT_THAT(message_of([&] { vote.run(); }), HasSubstr("same shape"));
}

}  // namespace
}  // namespace dfpipe::detector
