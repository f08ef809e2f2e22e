#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// Keeps its lines and its checkpoint in memory, as a sink on disk would.
struct Shelf {
  std::vector<std::uint64_t> lines;
  std::optional<Checkpoint> record;
  std::vector<std::uint64_t> failed;
};

class ShelfSink final : public Node {
 public:
  explicit ShelfSink(Shelf& shelf) : Node({.about = "keeps lines", .ordered = true}), shelf_(shelf) {}
  std::optional<Checkpoint> resume(bool retry_errors) override {
    if (!shelf_.record) return std::nullopt;
    Checkpoint found = *shelf_.record;
    found.position = shelf_.lines.size();
    found.failed = retry_errors ? 0 : shelf_.failed.size();
    if (retry_errors) found.missing = shelf_.failed;
    return found;
  }
  void begin(const Checkpoint& c) override { shelf_.record = c; }
  void process(Item& item) override { shelf_.lines.push_back(item.key().index); }
  In<double> in{this, "in", "a number"};

 private:
  Shelf& shelf_;
};

RunResult run(Shelf& shelf, std::uint64_t count, RunOptions options, std::vector<std::uint64_t>* made = nullptr,
              const std::string& hash = "one", int window = 16) {
  GraphBuilder b;
  b.graph.config = hash;
  b.graph.window = window;
  auto numbers = std::make_unique<Numbers>(count);
  numbers->before = [made](Item&, std::uint64_t i) {
    if (made) made->push_back(i);
  };
  const int source = b.add("numbers", std::move(numbers));
  b.add("sink", std::make_unique<ShelfSink>(shelf), {b.from(source)});
  return Engine(std::move(b.graph), options).run();
}

TEST(Resume, GoesOnWhereTheSinkStopped) {
  Shelf shelf;
  RunOptions options = with_threads(2);
  options.limit = 7;
  run(shelf, 20, options);
  ASSERT_EQ(shelf.lines.size(), 7u);
  options.limit.reset();
  options.resume = true;
  std::vector<std::uint64_t> made;
  const RunResult r = run(shelf, 20, options, &made);
  EXPECT_EQ(r.exit_code(), 0);
  EXPECT_EQ(r.stats.skipped, 7u);
  EXPECT_EQ(made.front(), 7u);
  ASSERT_EQ(shelf.lines.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(shelf.lines[i], i);
}

TEST(Resume, UnderDeterminismWholeWindowsAreMadeAgainButNotServedTwice) {
  Shelf shelf;
  RunOptions options = with_threads(2);
  options.deterministic = true;
  options.limit = 7;
  run(shelf, 20, options, nullptr, "one", 5);
  options.limit.reset();
  options.resume = true;
  std::vector<std::uint64_t> made;
  const RunResult r = run(shelf, 20, options, &made, "one", 5);
  EXPECT_EQ(made.front(), 5u);
  EXPECT_EQ(r.stats.skipped, 5u);
  ASSERT_EQ(shelf.lines.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(shelf.lines[i], i);
}

TEST(Resume, RefusesAnotherConfigurationWithASentence) {
  Shelf shelf;
  RunOptions options = with_threads(1);
  run(shelf, 5, options);
  options.resume = true;
  const RunResult r = run(shelf, 5, options, nullptr, "two");
  EXPECT_EQ(r.exit_code(), 1);
  EXPECT_THAT(r.fatal, HasSubstr("another configuration"));
  EXPECT_EQ(shelf.lines.size(), 5u);
}

TEST(Resume, DoesNotForgetWhatHasFailedBefore) {
  Shelf shelf;
  run(shelf, 5, with_threads(1));
  shelf.failed = {1, 3};
  RunOptions options = with_threads(1);
  options.resume = true;
  const RunResult r = run(shelf, 8, options);
  EXPECT_EQ(r.stats.failed_earlier, 2u);
  EXPECT_EQ(r.exit_code(), 3);
  options.retry_errors = true;
  EXPECT_EQ(run(shelf, 8, options).exit_code(), 0);
}

TEST(Resume, OfAFinishedRunMakesNothingAndSucceeds) {
  Shelf shelf;
  RunOptions options = with_threads(1);
  run(shelf, 5, options);
  options.resume = true;
  const RunResult r = run(shelf, 5, options);
  EXPECT_EQ(r.exit_code(), 0);
  EXPECT_EQ(r.stats.emitted, 0u);
  EXPECT_EQ(r.stats.skipped, 5u);
}

TEST(Resume, RetryErrorsMakesTheMissingOnesOnly) {
  Shelf shelf;
  RunOptions options = with_threads(1);
  run(shelf, 10, options);
  shelf.failed = {2, 6};
  options.resume = options.retry_errors = true;
  std::vector<std::uint64_t> made;
  run(shelf, 12, options, &made);
  EXPECT_THAT(made, ElementsAre(2, 6, 10, 11));
}

/// The batches of an unbroken run or of one that takes up `shelf`, each as "2 6". What is in them is promised, not
/// which is called first.
std::vector<std::string> batches_of(Shelf& shelf, RunOptions options) {
  GraphBuilder b;
  b.graph.credits = 8;
  b.graph.window = 5;
  const int source = b.numbers(16);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  std::vector<std::string> batches;
  drain(b, b.add("model",
                 std::make_unique<Model>(3,
                                         [&](Model& n, Item& i) {
                                           std::string text;
                                           for (const double row : i[n.in].rows)
                                             text += (text.empty() ? "" : " ") + std::to_string(int(row));
                                           batches.push_back(text);
                                           i.set(n.out, Counted(i[n.in].rows));
                                         }),
                 {b.from(wrap)}));
  b.add("sink", std::make_unique<ShelfSink>(shelf), {b.from(source)});
  EXPECT_EQ(Engine(std::move(b.graph), options).run().exit_code(), 0);
  return batches;
}

TEST(Resume, UnderDeterminismBatchesAreThoseOfAnUnbrokenRunAlsoWhenErrorsAreRetried) {
  RunOptions options = with_threads(2);
  options.deterministic = true;
  Shelf shelf;
  const std::vector<std::string> whole = batches_of(shelf, options);
  EXPECT_THAT(whole, UnorderedElementsAre("0 1 2", "3 4", "5 6 7", "8 9", "10 11 12", "13 14", "15"));
  options.resume = options.retry_errors = true;
  shelf.lines.resize(14);
  shelf.failed = {2, 4};
  EXPECT_THAT(batches_of(shelf, options), UnorderedElementsAre("0 1 2", "3 4", "10 11 12", "13 14", "15"));
}

TEST(Resume, UnderDeterminismBatchesOfChildrenAreThoseOfAnUnbrokenRun) {
  const auto batches = [](Shelf& shelf, bool resume) {
    GraphBuilder b;
    b.graph.credits = 8;
    b.graph.window = 5;
    const int source = b.numbers(16);
    const int list = b.add("list", std::make_unique<Spread>([](double n) { return static_cast<std::size_t>(n) % 4; }),
                           {b.from(source)});
    b.begin_foreach("each", b.from(list), 4);
    const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.element()});
    std::set<std::vector<double>> seen;
    drain(b, b.add("model",
                   std::make_unique<Model>(4,
                                           [&](Model& n, Item& i) {
                                             seen.insert(i[n.in].rows);
                                             i.set(n.out, Counted(i[n.in].rows));
                                           }),
                   {b.from(wrap)}));
    b.end_foreach({});
    b.add("sink", std::make_unique<ShelfSink>(shelf), {b.from(source)});
    RunOptions options = with_threads(2);
    options.deterministic = true;
    options.resume = resume;
    EXPECT_EQ(Engine(std::move(b.graph), options).run().exit_code(), 0);
    return seen;
  };
  Shelf shelf;
  const auto whole = batches(shelf, false);
  shelf.lines.resize(8);
  for (const auto& batch : batches(shelf, true)) {
    EXPECT_TRUE(whole.contains(batch)) << ::testing::PrintToString(batch);
    EXPECT_GE(batch.front(), 5000) << "nothing before the window of root 8 is made again";
  }
}

TEST(Resume, StartsAtTheSmallestOfSeveralSinks) {
  std::vector<Shelf> shelves(2);
  const auto run_both = [&](RunOptions options) {
    GraphBuilder b;
    const int source = b.numbers(20);
    for (Shelf& shelf : shelves)
      b.add("sink" + std::to_string(&shelf - shelves.data()), std::make_unique<ShelfSink>(shelf), {b.from(source)});
    return Engine(std::move(b.graph), options).run();
  };
  RunOptions options = with_threads(2);
  options.limit = 10;
  run_both(options);
  options.limit.reset();
  options.resume = true;
  for (const bool with_its_record : {true, false}) {
    shelves[1].lines.clear();  // this one was lost
    if (!with_its_record) shelves[1].record.reset();
    EXPECT_EQ(run_both(options).exit_code(), 0);
    for (const Shelf& shelf : shelves) {
      ASSERT_EQ(shelf.lines.size(), 20u);
      for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(shelf.lines[i], i);
    }
  }
}

TEST(Resume, ASourceThatCannotSkipFailsTheRun) {
  class NoSkip final : public Numbers {
   public:
    NoSkip() : Numbers(20) {}
    bool skip() override { throw Error("this source cannot skip"); }
  };
  Shelf shelf;
  RunOptions options = with_threads(1);
  options.limit = 7;
  run(shelf, 20, options);
  options.limit.reset();
  options.resume = true;
  GraphBuilder b;
  b.graph.config = "one";
  const int source = b.add("numbers", std::make_unique<NoSkip>());
  b.add("sink", std::make_unique<ShelfSink>(shelf), {b.from(source)});
  const RunResult r = Engine(std::move(b.graph), options).run();
  EXPECT_EQ(r.exit_code(), 1);
  EXPECT_EQ(r.fatal, "node 'numbers': this source cannot skip");
}

TEST(Resume, RefusesWhenSomethingHasChangedThatANodeDependsOn) {
  Shelf shelf;
  const auto run_with = [&](const std::string& contents, RunOptions options) {
    GraphBuilder b;
    const int source = b.numbers(5);
    auto node = std::make_unique<Lambda>(NodeInfo{}, 1, 0, [](Lambda&, Item&) {});
    node->on_open = [contents](OpenContext& c) { c.depends_on(contents); };
    b.add("reader", std::move(node), {b.from(source)});
    b.add("sink", std::make_unique<ShelfSink>(shelf), {b.from(source)});
    return Engine(std::move(b.graph), options).run();
  };
  RunOptions options = with_threads(1);
  run_with("a profile", options);
  options.resume = true;
  EXPECT_EQ(run_with("a profile", options).exit_code(), 0);
  EXPECT_THAT(run_with("another profile", options).fatal, HasSubstr("another configuration"));
}

/// What one step at a time learns: an order-dependent number, and how far it got. Its checkpoints lie every third root.
struct Learner {
  double state = 0, saved = 0;
  std::uint64_t position = 0;
  std::vector<std::uint64_t> steps;
  std::optional<Checkpoint> record;
};

class LearnerSink final : public Node {
 public:
  explicit LearnerSink(Learner& learner)
      : Node({.about = "learns", .lane = Lane::device, .stateful = true}), learner_(learner) {}
  std::optional<Checkpoint> resume(bool) override {
    if (!learner_.record) return std::nullopt;
    learner_.state = learner_.saved;
    Checkpoint found = *learner_.record;
    found.position = learner_.position;
    found.exact = true;
    return found;
  }
  void begin(const Checkpoint& c) override { learner_.record = c; }
  void process(Item& item) override {
    const std::uint64_t index = item.key().index;
    learner_.steps.push_back(index);
    learner_.state = learner_.state * 1.01 + static_cast<double>(index);
    if ((index + 1) % 3 != 0) return;
    learner_.saved = learner_.state;
    learner_.position = index + 1;
  }
  In<double> in{this, "in", "a number"};

 private:
  Learner& learner_;
};

/// numbers -> foreach of one element, one at a time -> learner
RunResult learn(Learner& learner, std::uint64_t count, RunOptions options, std::vector<std::uint64_t>* made = nullptr) {
  GraphBuilder b;
  b.graph.credits = 4;
  b.graph.window = 4;
  auto numbers = std::make_unique<Numbers>(count);
  numbers->before = [made](Item&, std::uint64_t i) {
    if (made) made->push_back(i);
  };
  const int source = b.add("numbers", std::move(numbers));
  const int spread = b.add("spread", std::make_unique<Spread>([](double) { return std::size_t{1}; }), {b.from(source)});
  b.begin_foreach("step", b.from(spread), 1);
  b.add("learner", std::make_unique<LearnerSink>(learner), {b.element()});
  b.end_foreach({});
  options.deterministic = true;
  return Engine(std::move(b.graph), options).run();
}

TEST(Resume, AStatefulSinkInsideAForeachGoesOnExactlyWhereItsCheckpointIs) {
  Learner unbroken;
  learn(unbroken, 20, with_threads(2));
  for (std::uint64_t broken = 1; broken < 20; ++broken) {
    SCOPED_TRACE(broken);
    Learner learner;
    RunOptions options = with_threads(2);
    options.limit = broken;
    learn(learner, 20, options);
    learner.steps.clear();
    options.limit.reset();
    options.resume = true;
    std::vector<std::uint64_t> made;
    EXPECT_EQ(learn(learner, 20, options, &made).exit_code(), 0);
    EXPECT_EQ(made.front(), broken / 3 * 3);  // never a whole window of 4: what was learnt would be learnt twice
    EXPECT_EQ(learner.steps, made);
    EXPECT_EQ(learner.state, unbroken.state);
  }
}

TEST(Resume, RefusesToMakeTwiceWhatMayBeMadeOnlyOnceForASinkThatIsBehind) {
  Learner learner;
  Shelf shelf;
  const auto run_both = [&](RunOptions options) {
    GraphBuilder b;
    b.graph.credits = 4;
    b.graph.window = 4;
    const int source = b.numbers(20);
    b.add("learner", std::make_unique<LearnerSink>(learner), {b.from(source)});
    b.add("shelf", std::make_unique<ShelfSink>(shelf), {b.from(source)});
    options.deterministic = true;
    return Engine(std::move(b.graph), options).run();
  };
  RunOptions options = with_threads(1);
  options.limit = 9;
  run_both(options);
  ASSERT_EQ(learner.position, 9u);
  shelf.lines.resize(5);  // as after a power cut
  options.resume = true;
  EXPECT_EQ(run_both(options).fatal,
            "node 'shelf' is behind node 'learner', which makes nothing twice; run without --resume to start again");
}

TEST(Resume, SaysWhatTheConfigurationDiffersIn) {
  Shelf shelf;
  run(shelf, 5, with_threads(1), nullptr, "earlier");
  RunOptions options = with_threads(1);
  options.resume = true;
  GraphBuilder b;
  b.graph.config = "now";
  b.graph.difference = [](const std::string& earlier) { return "padding is new, was " + earlier; };
  const int source = b.numbers(5);
  b.add("sink", std::make_unique<ShelfSink>(shelf), {b.from(source)});
  EXPECT_EQ(Engine(std::move(b.graph), options).run().fatal,
            "node 'sink': the earlier run had another configuration: padding is new, was earlier; run without --resume "
            "to start again");
}

}  // namespace
}  // namespace dfpipe::engine::testing
