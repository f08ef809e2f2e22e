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

/// How a call ended. Without an error each item's wanted output cells hold a value, or the reason "absent".
struct CallResult {
  ReasonPtr error;
  bool fatal = false;  ///< the error ends the run
};

/// Calls `process` for one item, or for several joined ones, stores the outputs in their cells and counts the call.
/// Nothing that the node throws comes out; after an error the output cells are whatever the call left there.
CallResult call_node(const NodeRt& node, std::span<ItemState* const> items, const CallContext& context, Worker& worker);

/// Asks a source for its next item and puts its outputs into `item`. After an error those not set are empty because
/// of it.
struct NextResult : CallResult {
  bool made = false;  ///< false at the end of the source
};
NextResult next_item(const NodeRt& node, ItemState& item, std::stop_token stop, const CallContext& context,
                     Worker& worker);

/// Items with equal keys may share a call.
std::string batch_key(const NodeRt& node, const ItemState& item);

}  // namespace dfpipe::engine
