#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <utility>

#include "http/wire.hpp"

namespace dfpipe::server {

/// A wire over an asynchronous stream of Asio or Beast. The stream's executor must run one thing at a time: a strand,
/// or a context with one thread.
template <class Stream>
class StreamWire : public Wire {
 public:
  explicit StreamWire(Stream stream) : stream_(std::move(stream)) {}

  void read_some(char* into, std::size_t most, Done done) override {
    stream_.async_read_some(boost::asio::buffer(into, most),
                            [done = std::move(done)](boost::system::error_code e, std::size_t n) { done(!e, n); });
  }
  void write_some(std::string_view first, std::string_view second, Done done) override {
    const std::array<boost::asio::const_buffer, 2> both = {boost::asio::buffer(first.data(), first.size()),
                                                           boost::asio::buffer(second.data(), second.size())};
    stream_.async_write_some(both,
                             [done = std::move(done)](boost::system::error_code e, std::size_t n) { done(!e, n); });
  }
  void shutdown_send() override {
    if constexpr (requires { stream_.shutdown(boost::asio::socket_base::shutdown_send, ignored_); }) {
      stream_.shutdown(boost::asio::socket_base::shutdown_send, ignored_);
    } else {
      stream_.close();
    }
  }
  void close() override {
    if constexpr (requires { stream_.close(ignored_); }) {
      stream_.close(ignored_);
    } else {
      stream_.close();
    }
  }
  void post(std::function<void()> task) override { boost::asio::post(stream_.get_executor(), std::move(task)); }

 private:
  Stream stream_;
  boost::system::error_code ignored_;
};

}  // namespace dfpipe::server
