#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/graph.hpp"
#include "engine/item_state.hpp"

namespace dfpipe::engine {

class NodeQueue;
class OrderedGate;
class ChildSlots;
class BatchCutter;

/// Where an input's value lies: `up` scopes above the reader's item.
struct SlotRef {
  int up = 0;
  int slot = -1;  ///< -1: unconnected
};

/// A node as the engine runs it: the specification with its edges turned into slots and counters.
struct NodeRt {
  const NodeSpec* spec = nullptr;
  int id = 0;
  ScopeRt* scope = nullptr;
  int local = 0;  ///< place among the scope's nodes
  std::vector<SlotRef> inputs;
  std::vector<bool> required;  ///< per input: empty means the node is not called
  std::vector<int> own_slots;  ///< slots of this scope that the node reads, once per read
  int first_output = 0;
  int outputs = 0;
  std::vector<bool> wanted;         ///< per output
  bool unread = false;              ///< nobody wants any output, so it is not called
  std::vector<Reason> absent;       ///< per output: why it is empty when the node does not give it
  std::vector<NodeRt*> successors;  ///< in the same scope, each once
  bool is_source = false;
  bool always_called = false;  ///< a sink: served for failed items too
  std::uint64_t name_hash = 0;
  bool resumed = false;           ///< a sink of a resumed run
  std::uint64_t resume_from = 0;  ///< resumed sinks: roots before this are there already
  std::vector<std::uint64_t> resume_missing;
  bool resume_exact = false;  ///< no root before resume_from may be made again

  ScopeRt* child = nullptr;      ///< foreach only
  std::vector<SlotRef> gathers;  ///< foreach only, slots of the child scope

  // How calls reach the node; set up by the run.
  int limit = 0;  ///< most calls at once; 0: no limit but the lane's
  NodeQueue* queue = nullptr;
  OrderedGate* gate = nullptr;
  ChildSlots* slots = nullptr;
  BatchCutter* cutter = nullptr;
  bool bypass = false;  ///< a TBB worker may go on with this node without a queue

  std::mutex batch_mutex;
  std::map<std::int64_t, std::uint64_t> batch_sizes;

  bool is_foreach() const noexcept { return child != nullptr; }
};

struct ScopeRt {
  int id = 0;
  ScopeRt* parent = nullptr;
  NodeRt* foreach_node = nullptr;
  int elements = 0;  ///< slots 0 … elements-1 hold the list elements
  int slot_count = 0;
  std::vector<NodeRt*> nodes;
  std::vector<NodeRt*> first;        ///< nodes that wait for no node of the scope
  std::vector<int> initial_readers;  ///< per slot
  std::vector<int> initial_missing;  ///< per place in `nodes`

  /// A fresh item, owned by the scope. Its values go at `recycle`, its memory with the scope.
  ItemState* make_item();
  void recycle(ItemState* item);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<ItemState>> all_;
  std::vector<ItemState*> spare_;
};

/// The whole graph, laid out. Throws std::invalid_argument when the graph breaks the rules of graph.hpp.
struct Layout {
  explicit Layout(Graph& graph);
  std::vector<std::unique_ptr<NodeRt>> nodes;
  std::vector<std::unique_ptr<ScopeRt>> scopes;
  NodeRt* source = nullptr;
};

}  // namespace dfpipe::engine
