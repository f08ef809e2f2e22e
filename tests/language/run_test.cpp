#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <stdexcept>

#include "dfpipe/types/basic.hpp"
#include "engine/engine.hpp"
#include "planning.hpp"

/// Planned graphs are what the engine wants: values arrive where the file says.
namespace dfpipe::language_tests {
namespace {

class Lists final : public Source {
 public:
  Lists() : Source({.about = "Gives the lists [0, 1], [10, 11], …"}) {}
  bool next(Item& item, std::stop_token) override {
    if (at_ >= 3) return false;
    List<double> list;
    list.push_back(10.0 * at_);
    list.push_back(10.0 * at_ + 1);
    ++at_;
    item.set(numbers_, std::move(list));
    return true;
  }
  bool skip() override { return at_ < 3 && (++at_, true); }

 private:
  Out<List<double>> numbers_{this, "numbers", "two numbers"};
  int at_ = 0;
};

class Spread final : public Node {
 public:
  Spread() : Node({.about = "n becomes [n + 0.1, n + 0.2]."}) {}
  void process(Item& item) override {
    List<double> list;
    list.push_back(item[n_] + 0.1);
    list.push_back(item[n_] + 0.2);
    item.set(all_, std::move(list));
  }

 private:
  In<double> n_{this, "n", "a number"};
  Out<List<double>> all_{this, "all", "its list"};
};

class Difference final : public Node {
 public:
  Difference() : Node({.about = "a - b."}) {}
  void process(Item& item) override { item.set(d_, item[a_] - item[b_]); }

 private:
  In<double> a_{this, "a", "a number"};
  In<double> b_{this, "b", "a number"};
  Out<double> d_{this, "d", "a - b"};
};

std::vector<double> received;
std::mutex received_mutex;

class Collect final : public Node {
 public:
  Collect() : Node({.about = "Keeps what it sees.", .ordered = true}) {}
  void process(Item& item) override {
    const std::lock_guard lock(received_mutex);
    for (std::size_t i = 0; i < item[lists_].size(); ++i)
      for (std::size_t j = 0; j < item[lists_].at(i).size(); ++j) received.push_back(item[lists_].at(i).at(j));
  }

 private:
  In<List<List<double>>> lists_{this, "lists", "lists of numbers"};
};

template <class N>
void add(registry::Registry& registry, const std::string& type) {
  registry.add_node({type, {}, [] { return std::make_unique<N>(); }, nullptr});
}

/// Plans a pipeline file and runs it.
engine::RunResult run_file(const registry::Registry& registry, const std::string& text, int threads) {
  const Folder folder;
  plan::PlanRequest request;
  request.file = folder.write("p.yaml", text);
  config::Diagnostics diagnostics;
  auto plan = plan::make_plan(request, registry, diagnostics);
  if (!plan) throw std::runtime_error(diagnostics.text());
  return engine::Engine(std::move(plan->graph), {.threads = threads}).run();
}

TEST(PlannedGraph, RunsAForeachWithinAForeachThatReadsTheOuterElement) {
  registry::Registry registry;
  add<Lists>(registry, "lists");
  add<Spread>(registry, "spread");
  add<Difference>(registry, "difference");
  add<Collect>(registry, "collect");
  received.clear();
  const engine::RunResult result = run_file(registry, R"(pipeline: nested
nodes:
  collect: {type: collect, in: {lists: outer.differences}}
  lists: {type: lists}
  outer:
    foreach: {x: lists.numbers}
    nodes:
      spread: {type: spread, in: {n: x}}
      inner:
        foreach: {y: spread.all}
        nodes:
          difference: {type: difference, in: {a: y, b: x}}
        out: {d: difference.d}
    out: {differences: inner.d}
)",
                                            2);
  EXPECT_EQ(result.outcome, Outcome::completed) << result.fatal;
  ASSERT_EQ(received.size(), 12U);
  for (std::size_t i = 0; i < received.size(); ++i) EXPECT_NEAR(received[i], i % 2 == 0 ? 0.1 : 0.2, 1e-9);
}

class Closed final : public Node {
 public:
  Closed() : Node({.about = "Cannot be opened."}) {}
  void open(OpenContext&) override { throw std::runtime_error("was opened"); }
  void process(Item&) override {}

 private:
  In<double> n_{this, "n", "a number"};
};

TEST(PlannedGraph, OpensNothingInsideADisabledForeach) {
  registry::Registry registry;
  add<Lists>(registry, "lists");
  add<Closed>(registry, "closed");
  const engine::RunResult result = run_file(registry, R"(pipeline: off
nodes:
  lists: {type: lists}
  outer: {foreach: {x: lists.numbers}, enabled: false, nodes: {inner: {type: closed, in: {n: x}}}}
)",
                                            1);
  EXPECT_EQ(result.fatal, "");
  EXPECT_EQ(result.stats.ok, 3U);
}

TEST(PlannedGraph, OfThePredictionPipelineIsAcceptedByTheEngine) {
  auto planned_predict = planned("pipelines/predict.yaml");
  ASSERT_TRUE(planned_predict.plan) << planned_predict.text();
  const engine::RunResult result = engine::Engine(std::move(planned_predict.plan->graph), {.threads = 1}).run();
  EXPECT_EQ(result.fatal, "");
  EXPECT_EQ(result.stats.emitted, 0U);
}

}  // namespace
}  // namespace dfpipe::language_tests
