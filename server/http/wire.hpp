#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace dfpipe::server {

/// The byte stream below a session: a socket, or in tests two ends in memory. Only one read and one write may be under
/// way. What is given to `Done` and `post` runs one after the other, never inside the call that gave it.
class Wire {
 public:
  /// Whether it worked, and the number of bytes; the end of the stream counts as a failure.
  using Done = std::function<void(bool worked, std::size_t bytes)>;

  virtual ~Wire() = default;
  virtual void read_some(char* into, std::size_t most, Done done) = 0;
  virtual void write_some(std::string_view first, std::string_view second, Done done) = 0;
  /// The other side sees the end of what was sent, and can still send.
  virtual void shutdown_send() = 0;
  /// What is under way ends with a failure.
  virtual void close() = 0;
  /// From any thread.
  virtual void post(std::function<void()> task) = 0;
};

}  // namespace dfpipe::server
