#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
  b.graph.config_hash = hash;
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

}  // namespace
}  // namespace dfpipe::engine::testing
