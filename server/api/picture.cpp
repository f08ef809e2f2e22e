#include "api/picture.hpp"

#include <nlohmann/json.hpp>

namespace dfpipe::server {
namespace {

double seconds(Clock::time_point from, Clock::time_point to) {
  return from == Clock::time_point{} || to < from ? 0 : std::chrono::duration<double>(to - from).count();
}

}  // namespace

PictureTask::PictureTask(Origin origin, std::vector<std::uint8_t> bytes, std::function<void(PictureAnswer)> done)
    : origin_(std::move(origin)), bytes_(std::move(bytes)), size_(bytes_.size()), done_(std::move(done)) {}

PictureTask::~PictureTask() {
  if (abandoned())
    fail(504, "abandoned", "Nobody waited for the answer any more");
  else
    fail(503, "discarded", "The server ended before the picture was judged");
}

void PictureTask::answer(PictureAnswer answer) {
  if (answered_.exchange(true)) return;
  answer.queue_seconds = queue_seconds();
  answer.graph_seconds = graph_seconds();
  done_(std::move(answer));
}

void PictureTask::fail(unsigned status, const std::string& code, const std::string& message) {
  if (answered_) return;
  nlohmann::ordered_json json;
  if (origin_.file_name.empty())
    json["file"] = nullptr;
  else
    json["file"] = origin_.file_name;
  json["error"] = message;
  json["code"] = code;
  json["request_id"] = origin_.request_id;
  answer({status, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), code, message});
}

double PictureTask::receive_seconds() const { return seconds(origin_.began, origin_.complete); }
double PictureTask::total_seconds() const { return seconds(origin_.began, Clock::now()); }
double PictureTask::graph_seconds() const { return seconds(entered_.load(), Clock::now()); }
double PictureTask::queue_seconds() const {
  const Clock::time_point entered = entered_;
  return seconds(origin_.complete, entered == Clock::time_point{} ? Clock::now() : entered);
}

}  // namespace dfpipe::server
