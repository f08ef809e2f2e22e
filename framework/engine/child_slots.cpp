#include "engine/child_slots.hpp"

namespace dfpipe::engine {

void ChildSlots::open(std::unique_ptr<ForeachRun> run) {
  {
    std::lock_guard lock(mutex_);
    ForeachRun* r = run.get();
    open_.emplace(r, std::move(run));
    if (in_key_order_)
      in_order_.emplace(r->parent->ordinal, r);
    else
      queue_.push_back(r);
  }
  pump();
}

std::unique_ptr<ForeachRun> ChildSlots::close(ForeachRun& run) {
  std::lock_guard lock(mutex_);
  return std::move(open_.extract(&run).mapped());
}

void ChildSlots::skip(std::uint64_t parent_ordinal) {
  if (!in_key_order_) return;
  {
    std::lock_guard lock(mutex_);
    in_order_.emplace(parent_ordinal, nullptr);
  }
  pump();
}

void ChildSlots::parent_boundary(std::uint64_t parent_ordinal) {
  if (!in_key_order_) return;
  {
    std::lock_guard lock(mutex_);
    boundaries_.insert(parent_ordinal);
  }
  pump();
}

void ChildSlots::release() {
  {
    std::lock_guard lock(mutex_);
    ++free_;
  }
  pump();
}

/// No batch holds children granted before and after this moment. Drops and retakes the lock.
void ChildSlots::cut(std::unique_lock<std::mutex>& lock) {
  in_window_ = 0;
  const std::uint64_t ordinal = granted_;
  lock.unlock();
  hooks_.boundary(ordinal);
  lock.lock();
}

/// The run whose next child may be made now; carries boundaries over on the way. May drop and retake the lock.
ForeachRun* ChildSlots::grantable(std::unique_lock<std::mutex>& lock) {
  if (!in_key_order_) return free_ > 0 && !queue_.empty() ? queue_.front() : nullptr;
  for (;;) {
    if (!boundaries_.empty() && *boundaries_.begin() == next_parent_) {
      boundaries_.erase(boundaries_.begin());
      cut(lock);
      continue;
    }
    const auto first = in_order_.begin();
    if (first == in_order_.end() || first->first != next_parent_) return nullptr;
    if (first->second) return free_ > 0 ? first->second : nullptr;
    in_order_.erase(first);
    ++next_parent_;
  }
}

void ChildSlots::pump() {
  std::unique_lock lock(mutex_);
  again_ = true;
  if (pumping_) return;  // launching a child may end it and come back here: the outer call goes on instead
  pumping_ = true;
  while (again_) {
    again_ = false;
    while (ForeachRun* run = grantable(lock)) {
      const std::size_t position = run->next++;
      const std::uint64_t ordinal = granted_++;
      --free_;
      if (run->next == run->size) {
        if (in_key_order_) {
          in_order_.erase(next_parent_);
          ++next_parent_;
        } else {
          queue_.pop_front();
        }
      }
      lock.unlock();
      hooks_.launch(*run, position, ordinal);
      lock.lock();
      // A batch that waited for a child beyond the slots would hold the slot which that child needs.
      if (in_key_order_ && ++in_window_ == max_live_) cut(lock);
    }
  }
  pumping_ = false;
}

std::size_t ChildSlots::waiting() const {
  std::lock_guard lock(mutex_);
  std::size_t n = 0;
  for (const ForeachRun* run : queue_) n += run->size - run->next;
  for (const auto& [ordinal, run] : in_order_) n += run ? run->size - run->next : 0;
  return n;
}

}  // namespace dfpipe::engine
