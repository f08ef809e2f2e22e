#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dfpipe/item.hpp"
#include "dfpipe/param.hpp"
#include "dfpipe/port.hpp"
#include "dfpipe/resource.hpp"

namespace dfpipe {

/// Where a node runs.
enum class Lane : std::uint8_t {
  cpu,       ///< TBB workers; must not block
  blocking,  ///< a small pool for calls that wait: disks, sockets
  device     ///< one model call at a time, on threads of its own
};

struct NodeInfo {
  std::string about;  ///< first sentence: what it does; more sentences may follow
  Lane lane = Lane::cpu;
  bool batched = false;        ///< gets up to batch.max items joined (device lane only)
  std::int64_t batch_max = 8;  ///< default of batch.max
  bool ordered = false;        ///< called in source order, one at a time
  bool stateful = false;       ///< one call at a time, any order; `retry` is refused
};

enum class Outcome : std::uint8_t { completed, stopped, failed };

enum class LogLevel : std::uint8_t { debug, info, warning, error };
void log(LogLevel level, const std::string& message);

/// What a resumable run remembers beside its output: written by a sink, handed back on `--resume`.
struct Checkpoint {
  std::uint64_t position = 0;          ///< the sink holds every root before this one
  std::vector<std::uint64_t> missing;  ///< roots before `position` to be made again (`--retry-errors`), ascending
  std::string hash;                    ///< of resolved configuration and models
  std::string source_state;            ///< Source::state() of the first run
  std::uint64_t failed = 0;            ///< of the roots before `position`: failed, and not to be made again
  std::string config = {};             ///< the resolved file, to say what differs; empty: not kept
  bool exact = false;  ///< no root before `position` is ever made again, not even to cut batches as before
};

class RunView;

/// What `open` may ask.
class OpenContext {
 public:
  virtual ~OpenContext();
  virtual const std::string& name() const = 0;  ///< full name, e.g. "per-face/clip"
  virtual std::uint64_t seed() const = 0;
  virtual bool deterministic() const = 0;
  virtual int threads() const = 0;  ///< TBB workers
  virtual int device_threads() const = 0;
  virtual bool connected_input(int port) const = 0;
  virtual bool connected_output(int port) const = 0;
  /// Facts of every resource and of the nodes opened before this one, by their full name. Nodes open in
  /// topological order, so a sink sees all that lead to it.
  virtual const std::map<std::string, Facts>& facts() const = 0;
  /// A function that ends the run early, as wished: no new items are made, those alive are discarded and counted as
  /// stopped, and the exit code is 0. May be called from any thread while the run lasts.
  virtual std::function<void()> stopper() const;
  /// What the run tells of itself, for as long as one likes; null where there is no run, in a test of one node.
  virtual std::shared_ptr<const RunView> run() const;
  /// Tells of something besides parameters and resources that the node's results depend on, a file's contents for
  /// example: `--resume` refuses to go on when it has changed.
  virtual void depends_on(const std::string& contents);

  template <class T>
  bool connected(const In<T>& port) const {
    return connected_input(port.index());
  }
  template <class T>
  bool wanted(const Out<T>& port) const {
    return connected_output(port.index());
  }
};

/// A stage. One object serves the whole run; unless it is ordered or stateful, `process` is called by several threads
/// at once, so it must not change members without its own care.
class Node {
 public:
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node();

  /// Once, before the first item, in topological order. May throw anything: the message is shown with the node's place
  /// in the file and the run does not start.
  virtual void open(OpenContext&) {}
  /// Once per item (or per batch). An exception belongs to the item; `Fatal` stops the run. A sink — a node without
  /// outputs — is called for failed items too: its inputs may be empty.
  virtual void process(Item& item) = 0;
  /// Once, in topological order, after the last item has died. May write, cannot emit; a throw fails the run.
  virtual void close(Outcome) {}
  virtual Facts facts() const { return {}; }
  /// A few words on how it goes ("loss 0.412  84 images/s"), shown beside the progress; empty: nothing to tell. Asked
  /// by other threads, several times a second, from the end of `open` to the end of `close`: it must be quick and take
  /// its own care of what `process` changes. What it throws counts as empty.
  virtual std::string status() const { return {}; }
  /// False for an optional input (of a sink: any) that the parameters, which are set by now, make superfluous: it then
  /// counts as not connected, and what nobody else reads is not computed. Asked once, when the graph is made.
  virtual bool reads(int input) const;

  /// Sinks that can be resumed: ordered ones, and stateful ones, which may stand inside a foreach. `resume` is asked
  /// after `open` when the user wants to continue: what is there already, or nothing. `begin` is told what to remember,
  /// before the first item, resumed or not.
  virtual std::optional<Checkpoint> resume(bool retry_errors);
  virtual void begin(const Checkpoint&) {}

  const NodeInfo& info() const noexcept { return info_; }
  ParamSet* params() const noexcept { return params_; }
  const std::vector<PortSpec>& inputs() const noexcept { return inputs_; }
  const std::vector<PortSpec>& outputs() const noexcept { return outputs_; }
  const std::vector<UseSpec>& uses() const noexcept { return uses_; }
  bool is_sink() const noexcept { return outputs_.empty(); }

  /// For the framework and for tests: binds use number `index`.
  void bind_resource(int index, std::shared_ptr<Resource> resource);

 protected:
  /// `params` may be null. It is only stored here, so a member declared later may be passed.
  explicit Node(NodeInfo info, ParamSet* params = nullptr) : info_(std::move(info)), params_(params) {}

 private:
  friend int detail::add_input(Node&, PortSpec);
  friend int detail::add_output(Node&, PortSpec);
  friend int detail::add_use(Node&, UseSpec);
  friend Resource& detail::used(const Node&, int);

  NodeInfo info_;
  ParamSet* params_;
  std::vector<PortSpec> inputs_;
  std::vector<PortSpec> outputs_;
  std::vector<UseSpec> uses_;
  std::vector<std::shared_ptr<Resource>> resources_;
};

/// A node without inputs that makes root items, on a thread of its own. `size` and `live` are asked by other threads
/// while `next` runs.
class Source : public Node {
 public:
  /// Makes the next item: sets outputs and returns true, or returns false at the end. Waiting calls must return
  /// (with false) when `stop` is requested. A thrown Error makes the outputs not yet set empty and the item goes on;
  /// the source must have moved past it. Anything else that is thrown ends the run.
  virtual bool next(Item& item, std::stop_token stop) = 0;
  /// Moves past one item without making it; false at the end.
  virtual bool skip() = 0;
  /// How many items there are, skipped ones included, when known.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  /// A live source waits for the outside world: idleness is no stall, and `--deterministic` is refused.
  virtual bool live() const { return false; }
  /// True for a live source that has promised something to somebody: after a first stop `next` is still asked, its stop
  /// token requested, until it returns false; it must then wait for nothing new. A second stop ends it.
  virtual bool drains() const { return false; }
  /// A second stop, or the run has failed: what was promised is not wanted any more, and `next` must return false at
  /// once. Called by another thread, of sources that drain.
  virtual void discard() {}
  /// What a later run needs to see the same items in the same order (for example the list of files).
  virtual std::string state() const { return {}; }
  virtual void restore(const std::string&) {}

  void process(Item&) final;

 protected:
  using Node::Node;
};

}  // namespace dfpipe
