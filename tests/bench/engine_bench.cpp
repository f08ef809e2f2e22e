/// What the engine costs: nanoseconds per empty node beside a raw oneTBB function_node chain, and items per second
/// through a graph of the predict pipeline's shape with empty bodies. Compare the two rows of one run; absolute times
/// mean nothing on a shared machine.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

#include "graph_builder.hpp"

namespace {

using namespace dfpipe::engine;
using namespace dfpipe::engine::testing;
namespace flow = oneapi::tbb::flow;

constexpr int chain_length = 20;
constexpr std::uint64_t chain_items = 20'000;

/// The bare minimum: no source of its own, no bound on what is alive, no counters. The engine's chain has all of that,
/// and its source's thread beside the workers.
void raw_chain(benchmark::State& state) {
  const int threads = static_cast<int>(state.range(0));
  oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(threads));
  oneapi::tbb::task_arena arena(threads);
  for (auto _ : state) {
    arena.execute([&] {
      flow::graph graph;
      std::vector<std::unique_ptr<flow::function_node<int, int>>> nodes;
      for (int i = 0; i < chain_length; ++i) {
        nodes.push_back(
            std::make_unique<flow::function_node<int, int>>(graph, flow::unlimited, [](int v) { return v; }));
        if (i > 0) flow::make_edge(*nodes[static_cast<std::size_t>(i) - 1], *nodes.back());
      }
      for (std::uint64_t item = 0; item < chain_items; ++item) nodes.front()->try_put(static_cast<int>(item));
      graph.wait_for_all();
    });
  }
  state.counters["nodes"] =
      benchmark::Counter(static_cast<double>(chain_items * chain_length),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// A node that does nothing: its output stays absent, which its reader must accept.
class Empty final : public dfpipe::Node {
 public:
  Empty() : Node({.about = "does nothing"}) {}
  void process(dfpipe::Item&) override {}
  dfpipe::OptionalIn<double> in{this, "in", "a number"};
  dfpipe::Out<double> out{this, "out", "a number"};
};

void engine_chain(benchmark::State& state) {
  for (auto _ : state) {
    GraphBuilder b;
    b.graph.credits = 64;
    int last = b.numbers(chain_items);
    for (int i = 0; i < chain_length; ++i) {
      last = b.add("n" + std::to_string(i), std::make_unique<Empty>(), {b.from(last)});
    }
    b.lambda("sink", {b.from(last)}, 0, [](Lambda&, dfpipe::Item&) {});
    RunOptions options;
    options.threads = static_cast<int>(state.range(0));
    const RunResult result = Engine(std::move(b.graph), options).run();
    if (result.stats.ok != chain_items) state.SkipWithError("items were lost");
  }
  state.counters["nodes"] =
      benchmark::Counter(static_cast<double>(chain_items * chain_length),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// source, decode, faces, then for each of two faces: clip-preprocess, fft, three batched device nodes, rollout,
/// encode, heuristics, result; and an ordered sink.
void predict_shape(benchmark::State& state) {
  constexpr std::uint64_t images = 5'000;
  const auto body = [](Lambda& n, dfpipe::Item& item) {
    if (!n.out.empty()) item.output(n.out[0].index(), item.input(0).value());
  };
  for (auto _ : state) {
    GraphBuilder b;
    b.graph.credits = 32;
    const int source = b.numbers(images);
    const int decode = b.lambda("decode", {b.from(source)}, 1, body);
    const int faces = b.add("faces", std::make_unique<Spread>([](double) { return 2; }), {b.from(decode)});
    b.begin_foreach("per-face", b.from(faces), 32);
    const int pixels = b.lambda("preprocess", {b.element()}, 1, body);
    const int fft = b.lambda("fft", {b.from(pixels)}, 1, body);
    const dfpipe::NodeInfo device{.lane = dfpipe::Lane::device};
    const int clip = b.lambda("clip", {b.from(pixels)}, 1, body, device);
    const int cnn = b.lambda("cnn", {b.from(fft)}, 1, body, device);
    const int head = b.lambda("head", {b.from(clip), b.from(cnn)}, 1, body, device);
    const int rollout = b.lambda("rollout", {b.from(clip)}, 1, body);
    const int encode = b.lambda("encode", {b.from(rollout)}, 1, body);
    const int heuristics = b.lambda("heuristics", {b.element()}, 1, body);
    const int result = b.lambda("result", {b.from(head), b.from(encode), b.from(heuristics)}, 1, body);
    const int each = b.end_foreach({b.from(result)});
    b.add("report", std::make_unique<ListSink>(dfpipe::NodeInfo{.ordered = true}, [](auto&&...) {}), {b.from(each)});
    RunOptions options;
    options.threads = static_cast<int>(state.range(0));
    const RunResult r = Engine(std::move(b.graph), options).run();
    if (r.stats.ok != images) state.SkipWithError("items were lost");
  }
  state.counters["images/s"] =
      benchmark::Counter(static_cast<double>(images), benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(raw_chain)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(engine_chain)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(predict_shape)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
