#include "engine/queues.hpp"

#include <algorithm>
#include <utility>

#include "engine/call.hpp"

namespace dfpipe::engine {

bool Credits::acquire(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (free_ == 0) {
    waiting_ = true;
    freed_.wait(lock, stop, [this] { return free_ >= resume_at_; });
    waiting_ = false;
  }
  if (stop.stop_requested()) return false;
  --free_;
  return true;
}

void Credits::release() {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    ++free_;
    wake = waiting_ && free_ == resume_at_;
  }
  if (wake) freed_.notify_one();
}

int Credits::in_use() const {
  std::lock_guard lock(mutex_);
  return count_ - free_;
}

ItemState* OrderedGate::arrive(ItemState& item) {
  std::lock_guard lock(mutex_);
  waiting_.emplace(item.ordinal, &item);
  return take();
}

ItemState* OrderedGate::leave() {
  std::lock_guard lock(mutex_);
  busy_ = false;
  ++next_;
  return take();
}

ItemState* OrderedGate::take() {
  if (busy_) return nullptr;
  const auto first = waiting_.begin();
  if (first == waiting_.end() || first->first != next_) return nullptr;
  ItemState* item = first->second;
  waiting_.erase(first);
  busy_ = true;
  return item;
}

std::size_t OrderedGate::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::uint64_t OrderedGate::next() const {
  std::lock_guard lock(mutex_);
  return next_;
}

std::vector<BatchCutter::Batch> BatchCutter::arrive(ItemState& item, std::string key) {
  std::lock_guard lock(mutex_);
  arrived_.emplace(item.ordinal, Arrival{&item, std::move(key)});
  return advance();
}

std::vector<BatchCutter::Batch> BatchCutter::pass(std::uint64_t ordinal) {
  std::lock_guard lock(mutex_);
  arrived_.emplace(ordinal, Arrival{nullptr, {}});
  return advance();
}

std::vector<BatchCutter::Batch> BatchCutter::boundary(std::uint64_t ordinal) {
  std::lock_guard lock(mutex_);
  if (ordinal >= next_) boundaries_.insert(ordinal);
  return advance();
}

std::size_t BatchCutter::waiting() const {
  std::lock_guard lock(mutex_);
  std::size_t n = 0;
  for (const auto& [key, batch] : open_) n += batch.size();
  for (const auto& [ordinal, arrival] : arrived_) n += arrival.item ? 1 : 0;
  return n;
}

std::uint64_t BatchCutter::next() const {
  std::lock_guard lock(mutex_);
  return next_;
}

std::vector<BatchCutter::Batch> BatchCutter::advance() {
  std::vector<Batch> cut;
  for (;;) {
    if (!boundaries_.empty() && *boundaries_.begin() == next_) {
      boundaries_.erase(boundaries_.begin());
      for (auto& [key, batch] : open_) cut.push_back(std::move(batch));
      open_.clear();
    }
    const auto first = arrived_.begin();
    if (first == arrived_.end() || first->first != next_) return cut;
    if (first->second.item) {
      const auto open = open_.try_emplace(std::move(first->second.key)).first;
      open->second.push_back(first->second.item);
      if (open->second.size() == max_) {
        cut.push_back(std::move(open->second));
        open_.erase(open);
      }
    }
    arrived_.erase(first);
    ++next_;
  }
}

BlockingLane::BlockingLane(int threads, std::function<void(int)> on_start, Call call)
    : on_start_(std::move(on_start)), call_(std::move(call)) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this, i](std::stop_token stop) { work(std::move(stop), i); });
}

void BlockingLane::end() {
  for (std::jthread& t : threads_) t.request_stop();
  threads_.clear();
}

void BlockingLane::put(NodeRt& node, ItemState& item) {
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back({&node, &item});
  }
  ready_.notify_one();
}

std::optional<BlockingLane::Waiting> BlockingLane::take() {
  for (auto w = waiting_.begin(); w != waiting_.end(); ++w) {
    int& running = running_[w->node];
    const int limit = w->node->limit;
    if (limit > 0 && running >= limit) continue;
    ++running;
    const Waiting taken = *w;
    waiting_.erase(w);
    return taken;
  }
  return std::nullopt;
}

void BlockingLane::work(std::stop_token stop, int number) {
  on_start_(number);
  std::unique_lock lock(mutex_);
  for (;;) {
    std::optional<Waiting> next;
    if (!ready_.wait(lock, stop, [&] { return (next = take()).has_value(); })) return;
    lock.unlock();
    call_(*next->node, *next->item);
    lock.lock();
    --running_[next->node];
    ready_.notify_all();
  }
}

DeviceLane::DeviceLane(std::function<void()> on_start, Call call)
    : on_start_(std::move(on_start)),
      call_(std::move(call)),
      thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

void DeviceLane::end() { thread_ = {}; }

void DeviceLane::put(NodeRt& node, ItemState& item) {
  std::string key = node.spec->batch_max > 1 ? batch_key(node, item) : std::string();
  {
    std::lock_guard lock(mutex_);
    PerNode& queue = nodes_[node.id];
    queue.node = &node;
    queue.groups[std::move(key)].emplace(item.index, Waiting{&item, Clock::now()});
  }
  ready_.notify_one();
}

void DeviceLane::put_batch(NodeRt& node, std::vector<ItemState*> batch) {
  {
    std::lock_guard lock(mutex_);
    PerNode& queue = nodes_[node.id];
    queue.node = &node;
    queue.batches.emplace(batch.front()->index, std::move(batch));
  }
  ready_.notify_one();
}

/// When a group may be called although it is not full: as soon as one of its items has waited long enough.
DeviceLane::Clock::time_point DeviceLane::due_time(const NodeRt& node, const ByRoot& group) {
  if (node.spec->batch_wait.count() == 0 || group.size() >= static_cast<std::size_t>(node.spec->batch_max))
    return Clock::time_point::min();
  const auto longest = std::ranges::min_element(group, {}, [](const auto& entry) { return entry.second.since; });
  return longest->second.since + node.spec->batch_wait;
}

DeviceLane::Job DeviceLane::choose(std::optional<Clock::time_point>& due) {
  PerNode* best = nullptr;
  const std::string* best_key = nullptr;  ///< null: a batch that is already cut
  std::uint64_t oldest = 0;
  const auto now = Clock::now();
  const auto consider = [&](PerNode& candidate, std::uint64_t root, const std::string* key) {
    if (best && root > oldest) return;  // nodes_ is in topological order: a tie goes to the later node
    best = &candidate;
    oldest = root;
    best_key = key;
  };
  for (auto& [id, queue] : nodes_) {
    if (!queue.batches.empty()) consider(queue, queue.batches.begin()->first, nullptr);
    for (const auto& [key, group] : queue.groups) {
      const Clock::time_point group_due = due_time(*queue.node, group);
      if (group_due <= now)
        consider(queue, group.begin()->first, &key);
      else if (!due || group_due < *due)
        due = group_due;
    }
  }
  Job job;
  if (!best) return job;
  job.node = best->node;
  if (!best_key) {
    job.items = std::move(best->batches.begin()->second);
    best->batches.erase(best->batches.begin());
    return job;
  }
  const auto found = best->groups.find(*best_key);
  ByRoot& group = found->second;
  const auto max = static_cast<std::size_t>(job.node->spec->batch_max);
  while (!group.empty() && job.items.size() < max) {
    job.items.push_back(group.begin()->second.item);
    group.erase(group.begin());
  }
  if (group.empty()) best->groups.erase(found);
  return job;
}

void DeviceLane::work(std::stop_token stop) {
  on_start_();
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    std::optional<Clock::time_point> due;
    Job job = choose(due);
    if (!job.node) {
      // A new item may change the choice, so any notification ends the wait.
      bool notified = false;
      const auto once = [&] { return std::exchange(notified, true); };
      if (due)
        ready_.wait_until(lock, stop, *due, once);
      else
        ready_.wait(lock, stop, once);
      continue;
    }
    lock.unlock();
    call_(*job.node, job.items);
    lock.lock();
  }
}

void Timer::end() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::size_t Timer::waiting() const {
  std::lock_guard lock(mutex_);
  return due_.size();
}

void Timer::after(std::chrono::milliseconds delay, std::function<void()> f) {
  {
    std::lock_guard lock(mutex_);
    due_.emplace(hurried_ ? Clock::time_point::min() : Clock::now() + delay, std::move(f));
    if (!thread_.joinable() && !ended_) thread_ = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
  }
  changed_.notify_one();
}

void Timer::hurry() {
  {
    std::lock_guard lock(mutex_);
    hurried_ = true;
    std::multimap<Clock::time_point, std::function<void()>> now;
    for (auto& [when, f] : due_) now.emplace(Clock::time_point::min(), std::move(f));
    due_ = std::move(now);
  }
  changed_.notify_one();
}

void Timer::work(std::stop_token stop) {
  on_start_();
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!due_.empty() && due_.begin()->first <= Clock::now()) {
      auto f = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      lock.unlock();
      f();
      lock.lock();
      continue;
    }
    bool notified = false;
    const auto once = [&] { return std::exchange(notified, true); };
    if (due_.empty()) {
      changed_.wait(lock, stop, once);
    } else {
      const Clock::time_point next = due_.begin()->first;  // the entry itself may go while this waits
      changed_.wait_until(lock, stop, next, once);
    }
  }
}

}  // namespace dfpipe::engine
