#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// The events of one stream between those who send and the session that writes them. For any thread.
class EventStream::Body {
 public:
  static constexpr std::size_t most_bytes = 1 << 20;

  /// `released` is called once, when the stream is closed for whatever reason.
  Body(std::function<void()> wake, std::function<void()> released);
  ~Body();
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  bool append(std::string_view text);
  void finish();
  bool open();
  std::size_t waiting();
  void on_room(std::function<void()> room);

  /// For the session: what waits, taken away.
  std::string take();
  /// No event will come any more.
  bool ended();
  /// Its client was too slow for the events: nothing more is worth sending.
  bool overrun();
  /// The client has left.
  void leave();

 private:
  void shut();  ///< under the mutex

  std::mutex mutex_;
  std::function<void()> wake_, released_, room_;
  std::string waiting_;
  bool open_ = true, overrun_ = false;
};

}  // namespace dfpipe::server
