#pragma once

#include <span>
#include <vector>

#include "engine/layout.hpp"
#include "engine/worker.hpp"

namespace dfpipe::engine {

/// What a call's `Item` needs of the run around it.
struct CallContext {
  std::uint64_t seed = 0;
  const std::atomic<bool>* aborted = nullptr;
  Tracer* tracer = nullptr;
};

/// The cell an input of `node` reads for `item`; a cell without value or reason when it is unconnected.
const Cell& input_cell(const NodeRt& node, const ItemState& item, int port);

/// What a call gave: outputs per item, or the error that stopped it. One of `error` and `outputs` counts.
struct CallResult {
  std::vector<std::vector<Value>> outputs;  ///< [item][port]; an empty Value was not set
  ReasonPtr error;
  bool fatal = false;                       ///< the error ends the run
};

/// Calls `process` for one item, or for several joined ones, and counts it. Nothing that the node throws comes out.
CallResult call_node(const NodeRt& node, std::span<ItemState* const> items, const CallContext& context, Worker& worker);

/// Asks a source for its next item and puts its outputs into `item`. False at the end of the source; `error` is set
/// when the item itself failed.
struct NextResult {
  bool made = false;
  ReasonPtr error;
  bool fatal = false;
};
NextResult next_item(const NodeRt& node, ItemState& item, std::stop_token stop, const CallContext& context, Worker& worker);

/// Items with equal keys may share a call.
std::string batch_key(const NodeRt& node, const ItemState& item);

}  // namespace dfpipe::engine
