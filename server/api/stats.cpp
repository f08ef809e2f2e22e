#include "api/every.hpp"
#include "api/site.hpp"
#include "api/statistics.hpp"
#include "http/text.hpp"

namespace dfpipe::server {
namespace {

/// The statistics of a site, looked at every second, and those who follow them.
class StatsFeed {
 public:
  explicit StatsFeed(Site& site)
      : site_(site), statistics_(Clock::now()), ticking_(std::chrono::seconds(1), [this] { tick(); }) {}

  void picture(const PictureRecord& record) { statistics_.picture(Clock::now(), record.total_seconds); }

  std::string json() const { return json(site_.run->snapshot()); }

  void follow(EventStream stream) {
    if (!stream.send("stats", json())) return;
    const std::lock_guard lock(mutex_);
    followers_.push_back(std::move(stream));
  }

 private:
  std::string json(const Snapshot& run) const {
    return statistics_.json(Clock::now(), run, {site_.queue.waiting(), site_.queue.capacity()});
  }

  void tick() {
    const Snapshot run = site_.run->snapshot();
    statistics_.sample(Clock::now(), run);
    const std::lock_guard lock(mutex_);
    if (followers_.empty()) return;
    const std::string now = json(run);
    std::erase_if(followers_, [&](const EventStream& one) { return !one.send("stats", now); });
  }

  Site& site_;
  Statistics statistics_;
  std::mutex mutex_;
  std::vector<EventStream> followers_;
  Every ticking_;
};

}  // namespace

std::vector<Route> stats_routes(Site& site) {
  const auto feed = std::make_shared<StatsFeed>(site);
  site.on_picture.emplace_back([feed](const PictureRecord& record) { feed->picture(record); });
  return {{.method = "GET", .path = "/v1/stats", .name = "stats", .handle = [feed](const RequestHead& head) {
             const bool follows = lower_case(head.field("Accept")).find("text/event-stream") != std::string::npos;
             return answer_with([feed, follows](const Reply& reply) {
               if (follows)
                 feed->follow(reply.stream());
               else
                 reply.send({.body = feed->json() + "\n"});
             });
           }}};
}

}  // namespace dfpipe::server
