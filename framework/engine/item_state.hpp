#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dfpipe/item.hpp"

namespace dfpipe::engine {

struct ScopeRt;
struct ForeachRun;

/// One item while it lives: the values of all ports produced for it so far, how many inputs each node still misses and
/// how many readers each value still has.
struct ItemState {
  ScopeRt* scope = nullptr;
  ItemState* parent = nullptr;  ///< alive as long as this is
  ItemState* root = nullptr;    ///< itself for a root item
  ForeachRun* gathered_by = nullptr;
  std::uint32_t position = 0;  ///< in the parent's list
  std::uint64_t index = 0;     ///< the root's place in the source
  std::uint64_t ordinal = 0;   ///< place in the scope, in order of creation: dense, from 0

  std::vector<Cell> cells;
  std::unique_ptr<std::atomic<int>[]> readers;
  std::unique_ptr<std::atomic<int>[]> missing;
  std::atomic<int> nodes_left{0};

  // Root items only.
  Attributes attributes;
  std::shared_ptr<const std::atomic<bool>> cancel;
  std::atomic<bool> had_error{false};
  std::atomic<bool> was_stopped{false};

  ItemKey key() const {
    ItemKey k;
    k.index = index;
    for (const ItemState* i = this; i->parent; i = i->parent) k.child.insert(k.child.begin(), i->position);
    return k;
  }
  bool cancelled() const { return root->cancel && root->cancel->load(std::memory_order_relaxed); }
};

}  // namespace dfpipe::engine
