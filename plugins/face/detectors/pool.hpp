#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace dfpipe::face {

/// Hands objects out whose machinery serves one call at a time, and takes them back when the lease ends. `Key` is what
/// an object is set up for (the picture's size, for a network that keeps buffers): one that is set up already is given
/// first. An object that is set up for something else is given when `kept` of them lie idle, otherwise a new one is
/// made; so there are never more than `kept` and the calls in flight. All members may be called by several threads.
template <class T, class Key>
class Pool {
 public:
  using Make = std::function<std::unique_ptr<T>()>;

  explicit Pool(Make make, std::size_t kept = 4) : make_(std::move(make)), kept_(kept) {}

  class Lease {
   public:
    Lease(Pool& pool, Key key) : pool_(pool), key_(std::move(key)), object_(pool.take(key_)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give(std::move(key_), std::move(object_)); }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_.get(); }

   private:
    Pool& pool_;
    Key key_;
    std::unique_ptr<T> object_;
  };

  /// An object for the calling thread, until the lease goes. Throws what `make` throws.
  Lease lease(Key key = {}) { return Lease(*this, std::move(key)); }

 private:
  struct Idle {
    Key key;
    std::unique_ptr<T> object;
  };

  std::unique_ptr<T> take(const Key& key) {
    {
      const std::lock_guard lock(mutex_);
      auto found = std::ranges::find(idle_, key, &Idle::key);
      if (found == idle_.end() && idle_.size() >= kept_) found = idle_.begin();
      if (found != idle_.end()) {
        std::unique_ptr<T> object = std::move(found->object);
        idle_.erase(found);
        return object;
      }
    }
    return make_();
  }

  void give(Key key, std::unique_ptr<T> object) {
    const std::lock_guard lock(mutex_);
    idle_.push_back({std::move(key), std::move(object)});
  }

  Make make_;
  std::size_t kept_;
  std::mutex mutex_;
  std::vector<Idle> idle_;  // the longest idle first
};

}  // namespace dfpipe::face
