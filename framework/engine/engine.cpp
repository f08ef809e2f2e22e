#include "engine/engine.hpp"

#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "dfpipe/run_view.hpp"
#include "dfpipe/sha256.hpp"
#include "engine/guard.hpp"
#include "engine/scheduler.hpp"

namespace dfpipe::engine {
namespace {

using Clock = std::chrono::steady_clock;

/// The run as its own nodes see it. Threads of theirs may ask after the engine has gone.
class View final : public RunView {
 public:
  View(const Graph& graph, std::function<Snapshot()> ask)
      : graph_(graph.description), hash_(sha256_hex(graph.config)), credits_(graph.credits), ask_(std::move(ask)) {}
  Snapshot snapshot() const override {
    std::lock_guard lock(mutex_);
    return ask_ ? ask_() : last_;
  }
  const std::string& graph() const override { return graph_; }
  const std::string& config_hash() const override { return hash_; }
  int credits() const override { return credits_; }
  void keep(Snapshot last) {
    std::lock_guard lock(mutex_);
    last_ = std::move(last);
    ask_ = nullptr;
  }

 private:
  std::string graph_, hash_;
  int credits_;
  mutable std::mutex mutex_;
  std::function<Snapshot()> ask_;
  Snapshot last_;
};

class Opening final : public OpenContext {
 public:
  Opening(const Graph& graph, const RunOptions& options, const std::map<std::string, Facts>& facts, std::string name,
          std::function<void()> stopper, Sha256& dependencies, std::shared_ptr<const RunView> view,
          const NodeRt* node = nullptr)
      : graph_(graph),
        options_(options),
        facts_(facts),
        name_(std::move(name)),
        stopper_(std::move(stopper)),
        dependencies_(dependencies),
        view_(std::move(view)),
        node_(node) {}
  const std::string& name() const override { return name_; }
  std::uint64_t seed() const override { return graph_.seed; }
  bool deterministic() const override { return options_.deterministic; }
  int threads() const override { return options_.threads; }
  int device_threads() const override { return options_.device_threads; }
  bool connected_input(int port) const override {
    return node_ && node_->inputs.at(static_cast<std::size_t>(port)).slot >= 0;
  }
  bool connected_output(int port) const override { return node_ && node_->wanted.at(static_cast<std::size_t>(port)); }
  const std::map<std::string, Facts>& facts() const override { return facts_; }
  std::function<void()> stopper() const override { return stopper_; }
  std::shared_ptr<const RunView> run() const override { return view_; }
  void depends_on(const std::string& contents) override {
    dependencies_.update("\n" + name_ + "=" + sha256_hex(contents));
  }

 private:
  const Graph& graph_;
  const RunOptions& options_;
  const std::map<std::string, Facts>& facts_;
  std::string name_;
  std::function<void()> stopper_;
  Sha256& dependencies_;
  std::shared_ptr<const RunView> view_;
  const NodeRt* node_;
};

/// The thread that asks is nobody's to end.
std::string status_of(const Node& node) {
  try {
    return node.status();
  } catch (...) {
    return {};
  }
}

bool can_resume(const Node& node) { return node.info().ordered || (node.is_sink() && node.info().stateful); }

}  // namespace

struct Engine::Impl {
  Impl(Graph g, RunOptions o) : graph(std::move(g)), options(o), layout(graph) {
    if (options.threads <= 0) options.threads = available_threads();
    if (options.device_threads <= 0) options.device_threads = options.threads;
    // From here on only the resolved numbers count: a batch larger than what may be alive could never fill.
    graph.window = std::clamp(graph.window, 1, graph.credits);
    view = std::make_shared<View>(graph, [this] { return snapshot(Statuses::left_out); });
  }
  ~Impl() { view->keep(last.value_or(Snapshot{})); }

  enum class Wish { none, stop, abort, early_end };
  void wish(Wish what);
  /// The end was wished for before the first item: nothing begins.
  bool ended_before_the_start();
  bool open();
  bool resume_or_begin();
  void run_graph();
  void watch(std::stop_token stop);
  enum class Statuses { asked, left_out };
  Snapshot snapshot(Statuses statuses) const;
  void note_total();
  void close(Outcome outcome);
  const Source& source() const { return static_cast<const Source&>(*layout.source->spec->node); }
  std::string hash();
  /// Why a checkpoint with another hash is not continued.
  std::string other_run(const Checkpoint& found, const std::string& now) const;
  void refuse(std::string sentence) {
    result.outcome = Outcome::failed;
    if (result.fatal.empty()) result.fatal = std::move(sentence);
  }

  Graph graph;
  RunOptions options;
  Layout layout;
  RunResult result;
  std::map<std::string, Facts> facts;
  Sha256 dependencies;
  std::shared_ptr<View> view;
  std::size_t opened = 0;
  std::function<void(const Stall&)> stall_callback;
  std::function<void(const std::map<std::string, Facts>&)> open_callback;
  Clock::time_point start = Clock::now();

  mutable std::mutex mutex;              ///< guards what follows
  Wish wished = Wish::none;              ///< while there is no scheduler
  std::unique_ptr<Scheduler> scheduler;  ///< made once, kept until the engine goes: anybody may still ask it something
  std::optional<Snapshot> last;          ///< when the graph has ended
  std::optional<std::uint64_t> total;    ///< the source is not asked while it opens
  std::uint64_t failed_earlier = 0;
};

/// Other people's code runs while a stop is announced, so no lock is held then.
void Engine::Impl::wish(Wish what) {
  Scheduler* running = nullptr;
  {
    std::lock_guard lock(mutex);
    running = scheduler.get();
    wished = std::max(wished, what);
  }
  if (!running) return;
  if (what == Wish::stop)
    running->stop();
  else
    running->abort(what == Wish::early_end);
}

bool Engine::Impl::ended_before_the_start() {
  std::lock_guard lock(mutex);
  if (wished == Wish::none) return false;
  result.outcome = Outcome::stopped;
  result.stopped_early = wished == Wish::early_end;
  return true;
}

bool Engine::Impl::open() {
  const auto stopper = [this] { wish(Wish::early_end); };
  for (const ResourceSpec& resource : graph.resources) {
    if (ended_before_the_start()) return false;
    Opening context(graph, options, facts, resource.name, stopper, dependencies, view);
    std::string wrong = sentence_of("resource '" + resource.name + "'", [&] {
      resource.resource->open(context);
      facts[resource.name] = resource.resource->facts();
    });
    if (!wrong.empty()) {
      refuse(std::move(wrong));
      return false;
    }
  }
  for (auto& node : layout.nodes) {
    if (ended_before_the_start()) return false;
    ++opened;
    if (node->is_foreach() || !node->spec->enabled) continue;
    Opening context(graph, options, facts, node->spec->name, stopper, dependencies, view, node.get());
    std::string wrong = sentence_of("node '" + node->spec->name + "'", [&] {
      node->spec->node->open(context);
      if (Facts own = node->spec->node->facts(); !own.empty()) facts[node->spec->name] = std::move(own);
    });
    if (!wrong.empty()) {
      --opened;
      refuse(std::move(wrong));
      return false;
    }
  }
  return true;
}

/// Of everything that decides the results: the resolved file, the resources' facts, what nodes say they depend on.
std::string Engine::Impl::hash() {
  Sha256& sha = dependencies;
  sha.update(sha256_hex(graph.config));
  for (const ResourceSpec& resource : graph.resources)
    for (const auto& [key, value] : facts.at(resource.name)) sha.update("\n" + resource.name + "." + key + "=" + value);
  return sha.hex();
}

std::string Engine::Impl::other_run(const Checkpoint& found, const std::string& now) const {
  const std::string how = graph.difference && !found.config.empty() ? graph.difference(found.config) : std::string();
  if (!how.empty())
    return "the earlier run had another configuration: " + how + "; run without --resume to start again";
  return "the earlier run had another configuration or other model files (" + found.hash.substr(0, 12) + ", now " +
         now.substr(0, 12) + "); run without --resume to start again";
}

/// Hands sinks what they must remember, or takes up what they have.
bool Engine::Impl::resume_or_begin() {
  auto& source = static_cast<Source&>(*layout.source->spec->node);
  const std::string now = hash();
  std::vector<std::pair<NodeRt*, std::optional<Checkpoint>>> sinks;
  std::optional<std::string> state;
  for (auto& node : layout.nodes) {
    if (node->is_foreach() || !node->spec->enabled || !can_resume(*node->spec->node)) continue;
    std::optional<Checkpoint> found;
    std::string wrong = sentence_of("node '" + node->spec->name + "'", [&] {
      if (options.resume) found = node->spec->node->resume(options.retry_errors);
    });
    if (wrong.empty() && found && found->hash != now)
      wrong = "node '" + node->spec->name + "': " + other_run(*found, now);
    if (!wrong.empty()) {
      refuse(std::move(wrong));
      return false;
    }
    if (found) {
      node->resume_from = found->position;
      node->resume_missing = found->missing;
      node->resume_exact = found->exact;
      if (!state) state = found->source_state;
      std::lock_guard lock(mutex);
      failed_earlier = std::max(failed_earlier, found->failed);
    }
    sinks.emplace_back(node.get(), std::move(found));
  }
  std::string wrong = sentence_of("node '" + layout.source->spec->name + "'", [&] {
    if (state) source.restore(*state);
  });
  // What must not be made twice cannot be made again for a sink that is behind.
  for (const auto& [node, found] : sinks)
    for (const auto& [other, there] : sinks)
      if (wrong.empty() && found && found->exact && (!there || there->position < found->position))
        wrong = "node '" + other->spec->name + "' is behind node '" + node->spec->name +
                "', which makes nothing twice; run without --resume to start again";
  for (auto& [node, found] : sinks) {
    node->resumed = state.has_value();  // one that has nothing yet wants everything
    if (wrong.empty())
      wrong = sentence_of("node '" + node->spec->name + "'", [&] {
        node->spec->node->begin(found ? *found : Checkpoint{0, {}, now, source.state(), 0, graph.config});
      });
  }
  if (!wrong.empty()) refuse(wrong);
  return wrong.empty();
}

void Engine::Impl::watch(std::stop_token stop) {
  std::mutex m;
  std::condition_variable_any wake;
  std::uint64_t seen = 0;
  Clock::time_point moved = Clock::now();
  const auto tick = std::clamp(options.stall_after / 8, std::chrono::milliseconds(10), std::chrono::milliseconds(1000));
  std::unique_lock lock(m);
  while (!stop.stop_requested()) {
    wake.wait_for(lock, stop, tick, [] { return false; });
    const std::uint64_t now = scheduler->progress();
    if (now != seen || scheduler->idle_live_source()) {
      seen = now;
      moved = Clock::now();
    } else if (Clock::now() - moved >= options.stall_after) {
      const auto seconds = std::chrono::duration<double>(Clock::now() - moved).count();
      char time[32];
      std::snprintf(time, sizeof time, "%.1f", seconds);
      const Stall stall{"nothing has moved for " + std::string(time) + " s: " + scheduler->stall_text()};
      if (stall_callback && !stop.stop_requested()) stall_callback(stall);
      moved = Clock::now();
    }
  }
}

void Engine::Impl::run_graph() {
  oneapi::tbb::global_control parallelism(oneapi::tbb::global_control::max_allowed_parallelism,
                                          static_cast<std::size_t>(options.threads + options.blocking_threads + 4));
  auto made = std::make_unique<Scheduler>(graph, layout, options);
  Wish earlier = Wish::none;
  {
    std::lock_guard lock(mutex);
    scheduler = std::move(made);
    earlier = wished;
  }
  if (earlier != Wish::none) wish(earlier);
  {
    std::jthread source([this](std::stop_token stop) { scheduler->produce(std::move(stop)); });
    std::jthread watcher([this](std::stop_token stop) { watch(std::move(stop)); });
    scheduler->wait();
  }
  scheduler->end();
  result.fatal = scheduler->fatal();
  result.first_errors = scheduler->first_errors();
  result.stopped_early = scheduler->stopped_early();
  if (!result.fatal.empty())
    result.outcome = Outcome::failed;
  else if (scheduler->stopped_early() || scheduler->stopped_by_user())
    result.outcome = Outcome::stopped;
}

Snapshot Engine::Impl::snapshot(Statuses statuses) const {
  Snapshot s;
  const Scheduler* running = nullptr;
  {
    std::lock_guard lock(mutex);
    if (last) return *last;
    s.total = total;
    s.failed_earlier = failed_earlier;
    running = scheduler.get();
  }
  if (running) running->fill(s);
  s.failed_earlier = std::min(s.failed_earlier, s.skipped);
  s.elapsed = Clock::now() - start;
  // Other people's code, so no lock is held.
  if (statuses == Statuses::asked)
    for (std::size_t i = 0; i < s.nodes.size(); ++i)
      if (const NodeStats& node = s.nodes[i]; !node.is_foreach && !node.is_off)
        s.nodes[i].status = status_of(*layout.nodes[i]->spec->node);
  return s;
}

void Engine::Impl::note_total() {
  const auto size = source().size();
  std::lock_guard lock(mutex);
  total = size;
}

void Engine::Impl::close(Outcome outcome) {
  for (std::size_t i = 0; i < opened; ++i) {
    NodeRt& node = *layout.nodes[i];
    if (node.is_foreach() || !node.spec->enabled) continue;
    std::string wrong = sentence_of("node '" + node.spec->name + "'", [&] { node.spec->node->close(outcome); });
    if (!wrong.empty()) refuse(std::move(wrong));
  }
}

Engine::Engine(Graph graph, RunOptions options) : impl_(std::make_unique<Impl>(std::move(graph), options)) {}
Engine::~Engine() = default;

RunResult Engine::run() {
  Impl& run = *impl_;
  run.result.threads = run.options.threads;
  run.result.device_threads = run.options.device_threads;
  if (run.open() && !run.ended_before_the_start() && run.resume_or_begin()) {
    run.note_total();
    if (run.open_callback) run.open_callback(run.facts);
    run.run_graph();
    run.note_total();
  }
  run.result.source_live = run.source().live();
  run.close(run.result.outcome);
  run.result.facts = run.facts;
  run.result.stats = run.snapshot(Impl::Statuses::left_out);
  std::lock_guard lock(run.mutex);
  run.last = run.result.stats;
  return run.result;
}

void Engine::stop() { impl_->wish(Impl::Wish::stop); }
void Engine::abort() { impl_->wish(Impl::Wish::abort); }
Snapshot Engine::snapshot() const { return impl_->snapshot(Impl::Statuses::asked); }

void Engine::on_stall(std::function<void(const Stall&)> callback) { impl_->stall_callback = std::move(callback); }
void Engine::on_open(std::function<void(const std::map<std::string, Facts>&)> callback) {
  impl_->open_callback = std::move(callback);
}

}  // namespace dfpipe::engine
