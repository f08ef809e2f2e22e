#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "graph_builder.hpp"

/// What nodes tell of themselves while the run lasts.
namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;

/// A sink that tells of itself by a function, and whose call waits until it is let go.
class Teller final : public Node {
 public:
  explicit Teller(std::function<std::string()> tell) : Node({.about = "tells"}), tell_(std::move(tell)) {}
  void process(Item&) override {
    inside = true;
    inside.notify_all();
    go.wait(false);
  }
  std::string status() const override { return tell_(); }

  In<double> n{this, "n", "a number"};
  std::atomic<bool> inside{false}, go{false};

 private:
  std::function<std::string()> tell_;
};

std::vector<std::string> statuses(const Snapshot& snapshot) {
  std::vector<std::string> all;
  for (const NodeStats& node : snapshot.nodes) all.push_back(node.status);
  return all;
}

TEST(Status, IsInTheSnapshotInTheGraphsOrderWhileTheRunLastsAndAThrowIsEmpty) {
  GraphBuilder b;
  const int source = b.numbers(1);
  const auto teller = [&](const std::string& name, std::function<std::string()> tell) {
    auto made = std::make_unique<Teller>(std::move(tell));
    Teller& node = *made;
    const int id = b.add(name, std::move(made), {b.from(source)});
    return std::pair<int, Teller*>(id, &node);
  };
  std::atomic<int> asked{0};
  const auto first = teller("first", [&] { return "asked " + std::to_string(++asked); });
  const auto off = teller("off", [] { return "off"; });
  b.spec(off.first).enabled = false;
  const auto wrong = teller("wrong", []() -> std::string { throw std::runtime_error("no"); });
  const auto last = teller("last", [] { return "the last"; });
  for (Teller* other : {off.second, wrong.second, last.second})
    other->go = true;  // there may be no worker for a second wait
  Engine engine(std::move(b.graph), with_threads(2));
  EXPECT_TRUE(engine.snapshot().nodes.empty()) << "nobody is asked before the run";
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  first.second->inside.wait(false);
  EXPECT_THAT(statuses(engine.snapshot()), ElementsAre("", "asked 1", "", "", "the last"));
  EXPECT_THAT(statuses(engine.snapshot()), ElementsAre("", "asked 2", "", "", "the last"));
  first.second->go = true;
  first.second->go.notify_all();
  EXPECT_THAT(statuses(result.get().stats), ElementsAre("", "", "", "", ""));
  EXPECT_THAT(statuses(engine.snapshot()), ElementsAre("", "", "", "", ""));
  EXPECT_EQ(asked, 2) << "when the run is over it is not asked";
}

TEST(Status, ANodeMayAskTheEngineWhileItTells) {
  GraphBuilder b;
  const int source = b.numbers(1);
  Engine* running = nullptr;
  auto made = std::make_unique<Teller>([&] {
    running->stop();
    return "stopped it";
  });
  Teller& node = *made;
  b.add("teller", std::move(made), {b.from(source)});
  Engine engine(std::move(b.graph), with_threads(1));
  running = &engine;
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  node.inside.wait(false);
  EXPECT_THAT(statuses(engine.snapshot()), ElementsAre("", "stopped it"));
  node.go = true;
  node.go.notify_all();
  EXPECT_EQ(result.get().stats.ok, 1u);
}

}  // namespace
}  // namespace dfpipe::engine::testing
