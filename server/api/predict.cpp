#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/site.hpp"
#include "api/uploads.hpp"

namespace dfpipe::server {
namespace {

std::string server_timing(double queue, double graph, double total) {
  char text[96];
  std::snprintf(text, sizeof text, "queue;dur=%.1f, graph;dur=%.1f, total;dur=%.1f", queue * 1e3, graph * 1e3,
                total * 1e3);
  return text;
}

/// The pictures of one request, answered together when the last is judged.
class Gathering {
 public:
  Gathering(Reply reply, std::size_t pictures, Clock::time_point began)
      : reply_(std::move(reply)), answers_(pictures), missing_(pictures), began_(began) {}

  void put(std::size_t index, PictureAnswer answer) {
    {
      const std::lock_guard lock(mutex_);
      answers_[index] = std::move(answer);
      if (--missing_ > 0) return;
    }
    reply_.send(answers_.size() == 1 ? single() : several());
  }

 private:
  double total() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  Response single() {
    PictureAnswer& answer = answers_.front();
    if (!answer.code.empty())
      return error_response(Refusal(answer.status, answer.code, answer.message), reply_.request_id());
    return {.body = std::move(answer.json) + "\n",
            .headers = {{"Server-Timing", server_timing(answer.queue_seconds, answer.graph_seconds, total())}}};
  }

  Response several() {
    std::string body = "{\"results\":[";
    double queue = 0, graph = 0;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      body += (i > 0 ? "," : "") + answers_[i].json;
      queue = std::max(queue, answers_[i].queue_seconds);
      graph = std::max(graph, answers_[i].graph_seconds);
    }
    return {.body = body + "]}\n", .headers = {{"Server-Timing", server_timing(queue, graph, total())}}};
  }

  Reply reply_;
  std::mutex mutex_;
  std::vector<PictureAnswer> answers_;
  std::size_t missing_;
  Clock::time_point began_;
};

class PredictHandler final : public Handler {
 public:
  PredictHandler(Site& site, const RequestHead& head)
      : site_(site),
        began_(head.began),
        reader_(head, site.settings.files, site.settings.upload_bytes),
        place_(site.queue.reserve(head.content_length)) {}

  void receive(std::string_view bytes) override { reader_.receive(bytes); }

  void answer(Reply reply) override {
    std::vector<Upload> uploads = reader_.finish();
    if (uploads.size() > 1 && !place_.widen(uploads.size()))
      throw Refusal(429, "queue_full", "Too many pictures are waiting; try again later", {{"Retry-After", "1"}});
    const auto gathering = std::make_shared<Gathering>(reply, uploads.size(), began_);
    const Clock::time_point complete = Clock::now();
    std::vector<std::shared_ptr<PictureTask>> tasks;
    for (std::size_t i = 0; i < uploads.size(); ++i)
      tasks.push_back(make_task(site_,
                                {.request_id = reply.request_id(),
                                 .file_name = std::move(uploads[i].file_name),
                                 .began = began_,
                                 .complete = complete,
                                 .abandoned = reply.abandoned()},
                                std::move(uploads[i].bytes),
                                [gathering, i](PictureAnswer answer) { gathering->put(i, std::move(answer)); }));
    site_.queue.put(std::move(place_), std::move(tasks));
  }

 private:
  Site& site_;
  Clock::time_point began_;
  UploadReader reader_;
  PictureQueue::Place place_;
};

}  // namespace

std::vector<Route> predict_routes(Site& site) {
  Route route{.method = "POST", .path = "/predict", .name = "predict"};
  route.body_limit = site.settings.upload_bytes + form_bytes(site.settings.files);
  route.deadline = std::chrono::milliseconds(static_cast<std::int64_t>(site.settings.deadline * 1000));
  route.handle = [&site](const RequestHead& head) {
    site.require_ready();
    return std::make_unique<PredictHandler>(site, head);
  };
  return {std::move(route)};
}

}  // namespace dfpipe::server
