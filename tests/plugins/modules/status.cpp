#include <atomic>
#include <chrono>
#include <thread>

#include "dfpipe/plugin.hpp"
#include "dfpipe/types/basic.hpp"

/// Reads paths and tells how many. Waits at the second item until somebody has asked how it goes, for at most a minute.
class Teller : public dfpipe::Node {
 public:
  Teller() : Node({.about = "Tells how it goes.", .stateful = true}) {}
  void process(dfpipe::Item&) override {
    if (++seen_ != 2) return;
    for (int i = 0; i < 6000 && !asked_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::string status() const override {
    asked_ = seen_ >= 2;
    return seen_ < 2 ? std::string() : "seen é\x1b" + std::to_string(seen_) + " " + std::string(80, '.');
  }

 private:
  dfpipe::In<std::string> path_{this, "path", "a path"};
  std::atomic<int> seen_{0};
  mutable std::atomic<bool> asked_{false};
};

DFPIPE_PLUGIN(status) { registrar.node<Teller>("teller"); }
