#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "engine/layout.hpp"

namespace dfpipe::engine {

/// One opening of a foreach: the parent, its lists, and what the children have given so far.
struct ForeachRun {
  NodeRt* node = nullptr;
  ItemState* parent = nullptr;
  std::vector<const AnyCells*> lists;
  std::size_t size = 0;
  std::size_t next = 0;
  std::atomic<std::size_t> left{0};
  std::vector<AnyCells> gathered;  ///< [output][position]
};

/// Bounds a foreach's living children over all parents. Slots are granted by arrival; under --deterministic in key
/// order, and then batches are cut where the parents' scope is cut and after each `max_live` children since then.
class ChildSlots {
 public:
  struct Hooks {
    std::function<void(ForeachRun&, std::size_t position, std::uint64_t ordinal)> launch;
    std::function<void(std::uint64_t ordinal)> boundary;
  };
  ChildSlots(int max_live, bool in_key_order, Hooks hooks)
      : free_(max_live), max_live_(max_live), in_key_order_(in_key_order), hooks_(std::move(hooks)) {}

  void open(std::unique_ptr<ForeachRun> run);
  /// The run's last child has died: it is the caller's again.
  std::unique_ptr<ForeachRun> close(ForeachRun& run);
  /// A parent that has no children: only its turn counts.
  void skip(std::uint64_t parent_ordinal);
  void parent_boundary(std::uint64_t parent_ordinal);
  void release();
  std::size_t waiting() const;

 private:
  void pump();
  void cut(std::unique_lock<std::mutex>& lock);
  ForeachRun* grantable(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  int free_;
  const int max_live_;
  const bool in_key_order_;
  Hooks hooks_;
  std::map<ForeachRun*, std::unique_ptr<ForeachRun>> open_;
  std::deque<ForeachRun*> queue_;                  ///< by arrival
  std::map<std::uint64_t, ForeachRun*> in_order_;  ///< by parent ordinal; null: no children
  std::uint64_t next_parent_ = 0;
  std::set<std::uint64_t> boundaries_;
  std::uint64_t granted_ = 0;
  int in_window_ = 0;  ///< children granted since the last cut
  bool pumping_ = false, again_ = false;
};

}  // namespace dfpipe::engine
