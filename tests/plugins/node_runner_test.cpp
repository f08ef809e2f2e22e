#include "testing/node_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dfpipe/types/basic.hpp"

namespace dfpipe::testing {
namespace {

using ::testing::HasSubstr;

/// left / right, unless told to do otherwise.
class Divide : public Node {
 public:
  struct Params : ParamSet {
    const double& least = real("least", 0.0, {.about = "smaller divisors are refused", .min = 0, .max = 10});
    const std::filesystem::path& place = path("place", {}, {.about = "somewhere"});
  } params_;

  Divide() : Node({.about = "Divides."}, &params_) {}
  void open(OpenContext& context) override {
    opened += 1;
    seed = context.seed();
    remainder_asked = context.wanted(remainder_);
  }
  void process(Item& item) override {
    const double divisor = item.has(right_) ? item[right_] : 1;
    if (divisor == 0 || divisor < params_.least) throw Error("the divisor is too small", "divisor");
    item.set(quotient_, item[left_] / divisor);
    if (item.wanted(remainder_)) item.set(remainder_, std::string("rest"));
    drawn = item.random().bits64();
  }

  int opened = 0;
  std::uint64_t seed = 0, drawn = 0;
  bool remainder_asked = false;

 private:
  In<double> left_{this, "left", "what is divided"};
  OptionalIn<double> right_{this, "right", "by what; 1 when it is not there"};
  Out<double> quotient_{this, "quotient", "left / right"};
  Out<std::string> remainder_{this, "remainder", "a text"};
};

class Count : public Source {
 public:
  Count() : Source({.about = "0, 1, 2; the second fails."}) {}
  bool next(Item& item, std::stop_token) override {
    if (at_ == 3) return false;
    const int number = at_++;
    item.set(name_, std::to_string(item.key().index));
    if (number == 1) throw Error("one is unlucky");
    item.set(number_, static_cast<double>(number));
    return true;
  }
  bool skip() override { return at_++ < 3; }

 private:
  int at_ = 0;
  Out<std::string> name_{this, "name", "its index"};
  Out<double> number_{this, "number", "the number"};
};

class Keep : public Node {
 public:
  Keep() : Node({.about = "Keeps what it is given.", .ordered = true}) {}
  void begin(const Checkpoint&) override { log.push_back("begin"); }
  void process(Item& item) override { log.push_back(item.has(text_) ? item[text_] : item.why(text_)->text()); }
  void close(Outcome) override { log.push_back("close"); }
  std::vector<std::string> log;

 private:
  In<std::string> text_{this, "text", "what is kept"};
};

template <class N>
struct Runner {
  std::unique_ptr<N> made = std::make_unique<N>();
  N& node = *made;
  NodeRunner runner{std::move(made)};
};

TEST(NodeRunner, OpensOnceAndGivesTheOutputsByName) {
  Runner<Divide> divide;
  divide.runner.in("left", 6.0).in("right", 4.0);
  EXPECT_EQ(divide.runner.run().get<double>("quotient"), 1.5);
  EXPECT_EQ(divide.runner.run().get<std::string>("remainder"), "rest");
  EXPECT_EQ(divide.node.opened, 1);
  EXPECT_THROW(divide.runner.run().cell("product"), std::out_of_range);
}

TEST(NodeRunner, LetsErrorsThroughUnchanged) {
  Runner<Divide> divide;
  divide.runner.in("left", 6.0).in("right", 0.0);
  try {
    divide.runner.run();
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "divisor");
  }
}

TEST(NodeRunner, ChecksParametersAsThePlanDoes) {
  Runner<Divide> divide;
  EXPECT_THROW(divide.runner.set("most", 1.0), std::invalid_argument);
  EXPECT_THROW(divide.runner.set("least", 11.0), std::invalid_argument);
  EXPECT_THROW(divide.runner.set("least", std::string("much")), std::invalid_argument);
  divide.runner.set("least", 2.0).set("place", std::string("a/b"));
  EXPECT_EQ(divide.node.params_.place, std::filesystem::path("a/b"));
  EXPECT_THROW(divide.runner.in("left", 1.0).in("right", 1.5).run(), Error);
}

TEST(NodeRunner, RefusesAnInputOfAnotherTypeOrName) {
  Runner<Divide> divide;
  EXPECT_THROW(divide.runner.in("left", std::string("six")), std::invalid_argument);
  EXPECT_THROW(divide.runner.in("middle", 6.0), std::invalid_argument);
  EXPECT_THROW(divide.runner.run(), std::logic_error) << "a required input was forgotten";
}

TEST(NodeRunner, PassesTheReasonOfAFailedRequiredInputOn) {
  Runner<Divide> divide;
  divide.runner.in_failed("left", "decode", "cut short");
  const Outputs out = divide.runner.run();
  EXPECT_FALSE(out.has("quotient"));
  EXPECT_THAT(out.cell("quotient").why()->text(), HasSubstr("node 'decode': cut short"));
}

TEST(NodeRunner, CallsTheNodeWhenAnOptionalInputFailed) {
  Runner<Divide> divide;
  EXPECT_EQ(divide.runner.in("left", 6.0).in_failed("right", "x", "y").run().get<double>("quotient"), 6.0);
}

TEST(NodeRunner, TellsTheNodeWhichOutputsAreWanted) {
  Runner<Divide> divide;
  const Outputs out = divide.runner.wanted("remainder", false).in("left", 1.0).run();
  EXPECT_FALSE(divide.node.remainder_asked);
  EXPECT_EQ(out.cell("remainder").why()->kind, Reason::Kind::absent);
}

TEST(NodeRunner, DrawsByCounterFromSeedAndIndex) {
  Runner<Divide> divide;
  divide.runner.seed(3).index(1).in("left", 1.0).run();
  const std::uint64_t first = divide.node.drawn;
  EXPECT_EQ(divide.node.seed, 3u);
  divide.runner.run();
  EXPECT_EQ(divide.node.drawn, first);
  divide.runner.index(2).run();
  EXPECT_NE(divide.node.drawn, first);
}

TEST(NodeRunner, RunsASourceToItsEndWithItsErrors) {
  Runner<Count> count;
  const std::vector<Outputs> items = count.runner.run_source();
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[2].get<double>("number"), 2.0);
  EXPECT_EQ(items[1].get<std::string>("name"), "1") << "what was set before the error stays";
  EXPECT_FALSE(items[1].has("number"));
  EXPECT_THAT(items[1].cell("error").why()->message, HasSubstr("unlucky"));
  EXPECT_THROW(items[0].cell("error"), std::out_of_range);
}

TEST(NodeRunner, CallsASinkForFailedInputsToo) {
  Runner<Keep> keep;
  keep.runner.in("text", std::string("good")).run();
  keep.runner.in_failed("text", "read", "gone").run();
  keep.runner.close();
  EXPECT_THAT(keep.node.log, ::testing::ElementsAre("begin", "good", "node 'read': gone", "close"));
}

TEST(NodeRunner, LeavesBeginToTheTestThatOpensTheNode) {
  Runner<Keep> keep;
  keep.runner.open();
  keep.runner.in("text", std::string("good")).run();
  EXPECT_THAT(keep.node.log, ::testing::ElementsAre("good"));
}

TEST(NodeRunner, SaysThatNoPluginOffersTheType) {
  EXPECT_THROW(NodeRunner("no-such-node", DFPIPE_TEST_MODULES "/good"), std::runtime_error);
}

TEST(NodeRunner, OpensAndBindsResourcesByTheNameOfTheUse) {
  NodeRunner node("twice", DFPIPE_TEST_MODULES "/good");
  EXPECT_THROW(node.use("light", "lamp", {{"watts", std::int64_t{-1}}}), std::invalid_argument);
  EXPECT_THROW(node.use("light", "lamp", {{"watts", std::int64_t{60}}}), std::invalid_argument)
      << "the node uses no such resource";
}

}  // namespace
}  // namespace dfpipe::testing
