#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/session.hpp"

namespace dfpipe::server {

/// The open connections and who may be one: so many in total and from one address. When there is no place, the
/// connection that has been idle or at its head for longest makes one; when none is, the new connection gets one of a
/// few spare places, where only open routes are served and little time is given, so that probes work although the
/// server is full of slow clients. For any thread.
class Connections {
 public:
  static constexpr std::size_t spare_places = 16;

  explicit Connections(const Limits& limits) : limits_(limits) {}

  /// Starts the session, or gives it no place: false.
  bool admit(const std::shared_ptr<Session>& session);
  void remove(const Session& session);
  std::size_t count() const;
  std::vector<std::shared_ptr<Session>> due(Clock::time_point now) const;
  std::vector<std::shared_ptr<Session>> all() const;
  /// Nobody is admitted any more.
  void close_door();
  /// False when some are left after that time.
  bool wait_for_none(std::chrono::duration<double> time);

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    bool spare = false;
  };
  /// Evicts the oldest connection that is in no request: of an address, if it is not empty, and of the spare places or
  /// the others.
  bool evict(const std::string& address, bool spare);
  void erase(const Session* session);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::unordered_map<const Session*, Entry> entries_;
  std::map<std::string, std::size_t> of_address_;  ///< spare ones apart
  std::size_t spare_ = 0;
  bool closed_ = false;
};

}  // namespace dfpipe::server
