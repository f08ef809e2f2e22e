#include "http/connections.hpp"

#include <algorithm>

namespace dfpipe::server {

bool Connections::admit(const std::shared_ptr<Session>& session) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  const std::string& address = session->remote();
  const auto known = of_address_.find(address);
  bool spare = false;
  if (known != of_address_.end() && known->second >= limits_.connections_per_address) {
    spare = !evict(address, false);
  } else if (entries_.size() - spare_ >= limits_.connections) {
    spare = !evict({}, false);
  }
  if (spare && spare_ >= spare_places && !evict({}, true)) return false;
  entries_.emplace(session.get(), Entry{session, spare});
  if (spare) {
    ++spare_;
  } else {
    ++of_address_[address];
  }
  session->start(spare);
  return true;
}

bool Connections::evict(const std::string& address, bool spare) {
  std::vector<Session*> candidates;
  for (const auto& [key, entry] : entries_) {
    if (entry.spare == spare && (address.empty() || entry.session->remote() == address)) {
      candidates.push_back(entry.session.get());
    }
  }
  std::sort(candidates.begin(), candidates.end(), [](auto* a, auto* b) { return a->since() < b->since(); });
  const auto evicted =
      std::find_if(candidates.begin(), candidates.end(), [](auto* session) { return session->evict(); });
  if (evicted == candidates.end()) return false;
  erase(*evicted);
  return true;
}

void Connections::erase(const Session* session) {
  const auto entry = entries_.find(session);
  if (entry == entries_.end()) return;
  if (entry->second.spare) {
    --spare_;
  } else if (const auto count = of_address_.find(session->remote()); --count->second == 0) {
    of_address_.erase(count);
  }
  entries_.erase(entry);
  if (entries_.empty()) none_.notify_all();
}

void Connections::remove(const Session& session) {
  const std::lock_guard lock(mutex_);
  erase(&session);
}

std::size_t Connections::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<std::shared_ptr<Session>> Connections::due(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Session>> found;
  for (const auto& [key, entry] : entries_) {
    if (entry.session->due() <= now) found.push_back(entry.session);
  }
  return found;
}

std::vector<std::shared_ptr<Session>> Connections::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Session>> found;
  for (const auto& [key, entry] : entries_) found.push_back(entry.session);
  return found;
}

void Connections::close_door() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool Connections::wait_for_none(std::chrono::duration<double> time) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, time, [this] { return entries_.empty(); });
}

}  // namespace dfpipe::server
