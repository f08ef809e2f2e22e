#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/site.hpp"
#include "http/test_line.hpp"

namespace dfpipe::server {

/// A run whose numbers a test sets.
class TestRun final : public RunView {
 public:
  Snapshot snapshot() const override {
    const std::lock_guard lock(mutex_);
    return numbers_;
  }
  const std::string& graph() const override { return graph_; }
  const std::string& config_hash() const override { return hash_; }
  int credits() const override { return 4; }

  void set(Snapshot numbers) {
    const std::lock_guard lock(mutex_);
    numbers_ = std::move(numbers);
  }

 private:
  mutable std::mutex mutex_;
  Snapshot numbers_;
  std::string graph_, hash_ = std::string(64, 'a');
};

/// A site that is ready, without a pipeline: the test takes its pictures and answers them.
class TestSite {
 public:
  explicit TestSite(const Settings& settings = {}, std::vector<Route> (*routes)(Site&) = nullptr);

  /// A connection of its own for each.
  TestAnswer ask(const std::string& request);
  TestAnswer get(const std::string& path, const std::string& fields = "");
  TestAnswer post_pictures(const std::string& path, std::size_t pictures);
  std::unique_ptr<TestLine> connect();

  const std::shared_ptr<TestRun> run = std::make_shared<TestRun>();
  Site site;

 private:
  std::vector<Route> routes_;
};

/// A request with a multipart body of so many files, 0.png to …, of 10 bytes each.
std::string form_request(const std::string& path, std::size_t pictures);

struct TestEvent {
  std::string event, data, id;
};
/// Server-sent events, as a browser reads them.
std::vector<TestEvent> read_events(const std::string& body);

/// The body of an answer that goes on: what has come by now, without head and chunk sizes.
std::string unchunked(std::string bytes);

}  // namespace dfpipe::server
