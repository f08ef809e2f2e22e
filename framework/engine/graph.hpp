#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dfpipe/node.hpp"

/// What the engine executes: checked and complete. The plan builds it; tests may build it by hand.
namespace dfpipe::engine {

/// Where an input's value comes from.
struct Edge {
  enum class From { nothing, node, element };
  From from = From::nothing;
  int index = -1;  ///< number of the producing node, or of the scope's element
  int port = 0;    ///< the producer's output port
};

struct OnError {
  enum class Action { skip, retry, fail };
  Action action = Action::skip;
  int retries = 0;
  std::chrono::milliseconds backoff{50};  ///< before the first retry; doubles each time
};

/// One stage. A `foreach` has no node object: it opens `child_scope` for each element of its list inputs (all of equal
/// length) and gathers.
struct NodeSpec {
  std::string name;  ///< full: "per-face/clip"
  std::string type;
  std::unique_ptr<Node> node;  ///< null for a foreach
  int scope = 0;
  bool enabled = true;
  std::vector<Edge> inputs;  ///< one per input port of `node`; for a foreach one per list. May point to outer scopes
  OnError on_error;
  int concurrency = 0;  ///< most calls at once; 0: no limit but the lane's
  std::int64_t batch_max = 1;
  std::chrono::microseconds batch_wait{0};

  int child_scope = -1;                   ///< foreach only
  std::vector<Edge> gathers;              ///< foreach only: one per output, pointing into the child scope
  std::vector<std::string> gather_types;  ///< element type of each output
  int max_live = 0;                       ///< foreach only: child slots, over all parents

  bool is_foreach() const noexcept { return child_scope >= 0; }
};

struct ScopeSpec {
  int parent = -1;        ///< -1: the root scope, which is scopes[0]
  int foreach_node = -1;  ///< the node that opens it
};

struct ResourceSpec {
  std::string name;
  std::shared_ptr<Resource> resource;
};

/// Nodes stand in topological order: after all their producers, and a scope's nodes after the foreach that opens it but
/// before the readers of what it gathers. Exactly one node is a Source, in the root scope.
struct Graph {
  std::string name;
  std::vector<ResourceSpec> resources;
  std::vector<NodeSpec> nodes;
  std::vector<ScopeSpec> scopes;
  std::vector<std::function<void(Lane, int threads)>> thread_hooks;
  int credits = 16;  ///< most root items alive
  int window = 16;   ///< W: under --deterministic a batch never spans a multiple of W roots; <= credits
  std::uint64_t seed = 0;
  std::string description;  ///< the graph as JSON, for whoever shows it; the engine does not read it
  std::string config;       ///< the resolved file; hashed for `--resume` together with the resources' facts
  /// In words, what that text says otherwise than an earlier one; the engine itself reads neither.
  std::function<std::string(const std::string& earlier)> difference;
};

}  // namespace dfpipe::engine
