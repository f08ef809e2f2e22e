#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dfpipe/types/basic.hpp"
#include "engine/engine.hpp"

/// Graphs by hand, from nodes whose bodies are lambdas. All plain ports carry numbers.
namespace dfpipe::engine::testing {

/// Gives 0, 1, 2, … on port 0.
class Numbers : public Source {
 public:
  explicit Numbers(std::uint64_t count) : Source({.about = "counts"}), count_(count) {}
  bool next(Item& item, std::stop_token) override {
    if (at_ >= count_) return false;
    const std::uint64_t i = at_++;
    if (before) before(item, i);
    item.set(n, static_cast<double>(i));
    return true;
  }
  bool skip() override { return at_ < count_ && (++at_, true); }
  std::optional<std::uint64_t> size() const override { return count_; }

  Out<double> n{this, "n", "the number"};
  std::function<void(Item&, std::uint64_t)> before;

 private:
  std::uint64_t count_;
  std::uint64_t at_ = 0;
};

/// A node whose body is a function. Port numbers stand for themselves.
class Lambda final : public Node {
 public:
  using Body = std::function<void(Lambda&, Item&)>;
  Lambda(NodeInfo info, int inputs, int outputs, Body body, bool optional_inputs = false)
      : Node(std::move(info)), body_(std::move(body)) {
    for (int i = 0; i < inputs; ++i) {
      const std::string name = "in" + std::to_string(i);
      in.push_back(optional_inputs ? OptionalIn<double>(this, name, "a number") : In<double>(this, name, "a number"));
    }
    for (int i = 0; i < outputs; ++i) out.emplace_back(this, "out" + std::to_string(i), "a number");
  }
  void process(Item& item) override { body_(*this, item); }
  void close(Outcome outcome) override {
    if (on_close) on_close(outcome);
  }
  void open(OpenContext& context) override {
    if (on_open) on_open(context);
  }

  std::vector<In<double>> in;
  std::vector<Out<double>> out;
  std::function<void(Outcome)> on_close;
  std::function<void(OpenContext&)> on_open;

 private:
  Body body_;
};

/// Number n becomes the list n*1000, n*1000+1, … of the length that `size(n)` says.
class Spread final : public Node {
 public:
  explicit Spread(std::function<std::size_t(double)> size) : Node({.about = "spreads"}), size_(std::move(size)) {}
  void process(Item& item) override {
    List<double> list;
    const std::size_t size = size_(item[n]);
    for (std::size_t i = 0; i < size; ++i) list.push_back(item[n] * 1000 + static_cast<double>(i));
    item.set(all, std::move(list));
  }
  In<double> n{this, "n", "a number"};
  Out<List<double>> all{this, "all", "its list"};

 private:
  std::function<std::size_t(double)> size_;
};

/// Reads a list of numbers.
class ListSink final : public Node {
 public:
  using Body = std::function<void(const ItemKey&, const List<double>*, const ReasonPtr&)>;
  ListSink(NodeInfo info, Body body) : Node(std::move(info)), body_(std::move(body)) {}
  void process(Item& item) override { body_(item.key(), item.has(all) ? &item[all] : nullptr, item.why(all)); }
  In<List<double>> all{this, "all", "a list"};

 private:
  Body body_;
};

/// A payload that counts how many of it are alive, to see when values are dropped. It has one row and can be joined.
struct Counted {
  explicit Counted(std::vector<double> r = {}) : rows(std::move(r)) { ++alive; }
  Counted(const Counted& o) : rows(o.rows) { ++alive; }
  Counted(Counted&& o) noexcept : rows(std::move(o.rows)) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
  std::vector<double> rows;
  static inline std::atomic<int> alive{0};
};

/// Runs a graph with some workers and nothing else said.
inline RunOptions with_threads(int n) {
  RunOptions o;
  o.threads = n;
  o.device_threads = 1;
  return o;
}

class GraphBuilder {
 public:
  GraphBuilder() { graph.scopes.push_back({}); }

  int add(std::string name, std::unique_ptr<Node> node, const std::vector<Edge>& inputs = {}) {
    NodeSpec spec;
    spec.name = std::move(name);
    spec.type = "test";
    spec.batch_max = node->info().batched ? node->info().batch_max : 1;
    spec.node = std::move(node);
    spec.inputs = inputs;
    spec.scope = scope_;
    graph.nodes.push_back(std::move(spec));
    return static_cast<int>(graph.nodes.size()) - 1;
  }
  int numbers(std::uint64_t count) { return add("numbers", std::make_unique<Numbers>(count)); }
  int lambda(std::string name, const std::vector<Edge>& inputs, int outputs, Lambda::Body body, NodeInfo info = {},
             bool optional_inputs = false) {
    return add(std::move(name),
               std::make_unique<Lambda>(std::move(info), static_cast<int>(inputs.size()), outputs, std::move(body),
                                        optional_inputs),
               inputs);
  }
  /// Nodes added until `end_foreach` stand inside; element 0 is the list's.
  int begin_foreach(std::string name, Edge list, int max_live) {
    NodeSpec spec;
    spec.name = std::move(name);
    spec.type = "foreach";
    spec.scope = scope_;
    spec.inputs = {list};
    spec.max_live = max_live;
    spec.child_scope = static_cast<int>(graph.scopes.size());
    graph.nodes.push_back(std::move(spec));
    const int id = static_cast<int>(graph.nodes.size()) - 1;
    graph.scopes.push_back({scope_, id});
    open_.push_back(id);
    scope_ = graph.nodes[static_cast<std::size_t>(id)].child_scope;
    return id;
  }
  int end_foreach(const std::vector<Edge>& gathers) {
    NodeSpec& spec = graph.nodes[static_cast<std::size_t>(open_.back())];
    spec.gathers = gathers;
    spec.gather_types.assign(gathers.size(), "number");
    scope_ = spec.scope;
    const int id = open_.back();
    open_.pop_back();
    return id;
  }
  NodeSpec& spec(int node) { return graph.nodes[static_cast<std::size_t>(node)]; }

  static Edge from(int node, int port = 0) { return {Edge::From::node, node, port}; }
  static Edge element(int number = 0) { return {Edge::From::element, number, 0}; }

  Graph graph;

 private:
  int scope_ = 0;
  std::vector<int> open_;
};

}  // namespace dfpipe::engine::testing

/// Rows of numbers: what a model's tensors are to the engine. Values of different `width` cannot be joined.
template <>
struct dfpipe::Type<dfpipe::engine::testing::Counted> {
  static constexpr std::string_view name = "counted";
  using Counted = dfpipe::engine::testing::Counted;
  static std::int64_t rows(const Counted& c) { return static_cast<std::int64_t>(c.rows.size()); }
  static std::string row_key(const Counted& c) {
    return !c.rows.empty() && c.rows.front() < 0 ? "negative" : "positive";
  }
  static Counted join(std::span<const Counted* const> parts) {
    Counted all;
    for (const Counted* p : parts) all.rows.insert(all.rows.end(), p->rows.begin(), p->rows.end());
    return all;
  }
  static std::vector<Counted> split(const Counted& whole, std::span<const std::int64_t> rows) {
    std::vector<Counted> out;
    auto at = whole.rows.begin();
    for (const std::int64_t n : rows) {
      out.emplace_back(std::vector<double>(at, at + n));
      at += n;
    }
    return out;
  }
};

namespace dfpipe::engine::testing {

/// Number to Counted, Counted to Counted (batched, on the device lane), Counted to number.
class Wrap final : public Node {
 public:
  Wrap() : Node({.about = "wraps"}) {}
  void process(Item& item) override { item.set(out, Counted({item[in]})); }
  In<double> in{this, "in", "a number"};
  Out<Counted> out{this, "out", "one row"};
};

class Model final : public Node {
 public:
  using Body = std::function<void(Model&, Item&)>;
  explicit Model(std::int64_t max, Body b, bool with_extra = false)
      : Node({.about = "a batched node", .lane = Lane::device, .batched = true, .batch_max = max}), body(std::move(b)) {
    if (with_extra) extra.push_back(OptionalIn<Counted>(this, "extra", "rows"));
  }
  void process(Item& item) override { body(*this, item); }
  In<Counted> in{this, "in", "rows"};
  Out<Counted> out{this, "out", "rows"};
  std::vector<OptionalIn<Counted>> extra;
  Body body;
};

class Unwrap final : public Node {
 public:
  explicit Unwrap(NodeInfo info, std::function<void(const ItemKey&, const Counted*, const ReasonPtr&)> b)
      : Node(std::move(info)), body(std::move(b)) {}
  void process(Item& item) override { body(item.key(), item.has(in) ? &item[in] : nullptr, item.why(in)); }
  In<Counted> in{this, "in", "rows"};
  std::function<void(const ItemKey&, const Counted*, const ReasonPtr&)> body;
};

/// Reads a node's number or rows and does nothing with them: a node that nobody reads is not called.
inline int drain(GraphBuilder& b, int node) {
  const std::string name = "drain " + std::to_string(node);
  if (b.spec(node).node->outputs()[0].type == Type<Counted>::name)
    return b.add(name, std::make_unique<Unwrap>(NodeInfo{}, [](auto&&...) {}), {b.from(node)});
  return b.lambda(name, {b.from(node)}, 0, [](Lambda&, Item&) {});
}

}  // namespace dfpipe::engine::testing
