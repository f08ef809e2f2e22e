#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dfpipe/value.hpp"
#include "http/exchange.hpp"

namespace dfpipe::server {

/// How a picture ended.
struct PictureAnswer {
  unsigned status = 200;  ///< what a request for this picture alone is answered with
  std::string json = {};  ///< a Picture or a PictureError of openapi.yaml
  std::string code = {};  ///< of an error; empty for a Picture
  std::string message = {};
  double queue_seconds = 0, graph_seconds = 0;
};

/// One picture on its way from a request to the pipeline and back. Whoever holds it last must have answered it: a
/// picture that is dropped anywhere is answered with an error, exactly once in any case.
class PictureTask {
 public:
  struct Origin {
    std::string request_id;
    std::string file_name;                  ///< echoed; empty when the client gave none
    Clock::time_point began{}, complete{};  ///< first and last byte of the request
    std::shared_ptr<const std::atomic<bool>> abandoned;
    bool of_job = false;
  };

  PictureTask(Origin origin, std::vector<std::uint8_t> bytes, std::function<void(PictureAnswer)> done);
  PictureTask(const PictureTask&) = delete;
  PictureTask& operator=(const PictureTask&) = delete;
  ~PictureTask();

  const Origin& origin() const noexcept { return origin_; }
  std::size_t size() const noexcept { return size_; }
  bool abandoned() const noexcept { return origin_.abandoned && *origin_.abandoned; }
  /// The file's bytes; may be taken once.
  std::vector<std::uint8_t> take_bytes() noexcept { return std::move(bytes_); }
  /// Kept until the picture is answered and gone.
  void keep(std::shared_ptr<void> held) noexcept { held_ = std::move(held); }
  void enters_graph() noexcept { entered_ = Clock::now(); }

  /// The first answer wins.
  void answer(PictureAnswer answer);
  /// A PictureError.
  void fail(unsigned status, const std::string& code, const std::string& message);

  double queue_seconds() const;
  double graph_seconds() const;
  double receive_seconds() const;
  double total_seconds() const;

 private:
  Origin origin_;
  std::vector<std::uint8_t> bytes_;
  std::size_t size_;
  std::function<void(PictureAnswer)> done_;
  std::shared_ptr<void> held_;
  std::atomic<bool> answered_{false};
  std::atomic<Clock::time_point> entered_{};  ///< read by whoever answers, from any thread
};

/// What travels through the graph beside the picture.
struct PictureTicket {
  std::shared_ptr<PictureTask> task;
};

}  // namespace dfpipe::server

template <>
struct dfpipe::Type<dfpipe::server::PictureTicket> {
  static constexpr std::string_view name = "picture-ticket";
};
