#include "observe/progress.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdio>

#include "config/showable.hpp"

namespace dfpipe::observe {
namespace {

constexpr double window_seconds = 10;
constexpr int line_width = 200;  // without a terminal

std::string rate_text(double per_second) {
  char text[32];
  std::snprintf(text, sizeof text, per_second < 10 ? "%.1f/s" : "%.0f/s", per_second);
  return text;
}

}  // namespace

void RateMeter::add(double seconds, std::uint64_t done) {
  samples_.push_back({seconds, done});
  while (samples_.size() > 2 && seconds - samples_.front().seconds > window_seconds) samples_.pop_front();
}

double RateMeter::per_second() const {
  if (samples_.size() < 2) return 0;
  const double time = samples_.back().seconds - samples_.front().seconds;
  return time > 0 ? static_cast<double>(samples_.back().done - samples_.front().done) / time : 0;
}

std::string clock_text(double seconds) {
  const auto s = static_cast<long>(std::lround(seconds));
  char text[32];
  if (s >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

std::string progress_text(const engine::Snapshot& s, double per_second, int width, bool bar) {
  const std::uint64_t done = s.ok + s.failed + s.skipped + s.stopped;
  std::string text = std::to_string(done);
  if (s.total) text += "/" + std::to_string(*s.total);
  text += "  " + rate_text(per_second);
  if (s.total && per_second > 0 && *s.total > done)
    text += "  " + clock_text(static_cast<double>(*s.total - done) / per_second) + " left";
  if (s.failed > 0) text += "  " + std::to_string(s.failed) + " failed";
  const int room = std::min(40, width - static_cast<int>(text.size()) - 4);
  if (bar && s.total && *s.total > 0 && room >= 8) {
    const auto full =
        static_cast<std::size_t>(static_cast<double>(room) * static_cast<double>(done) / static_cast<double>(*s.total));
    text = "[" + std::string(full, '#') + std::string(static_cast<std::size_t>(room) - full, '.') + "] " + text;
  }
  return text.substr(0, static_cast<std::size_t>(std::max(1, width - 1)));
}

std::string status_text(const engine::Snapshot& s, int width) {
  const auto tells = [](const engine::NodeStats& node) { return !node.status.empty(); };
  const bool several = std::ranges::count_if(s.nodes, tells) > 1;
  std::string text;
  for (const engine::NodeStats& node : s.nodes)
    if (tells(node)) text += (text.empty() ? "" : "  ") + (several ? node.name + ": " : "") + node.status;
  return cut(config::one_line(text), std::max(1, width - 1));
}

Progress::Progress(std::function<engine::Snapshot()> snapshot)
    : snapshot_(std::move(snapshot)), thread_([this](std::stop_token stop) { show(std::move(stop)); }) {}

Progress::~Progress() {
  thread_.request_stop();
  thread_.join();
  Terminal::instance().bar("");
}

void Progress::show(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  RateMeter meter;
  double next_line = 5;
  while (!stop.stop_requested()) {
    const TerminalTraits traits = stderr_traits();
    wake.wait_for(lock, stop, std::chrono::milliseconds(traits.interactive ? 100 : 500), [] { return false; });
    if (stop.stop_requested()) return;
    const engine::Snapshot s = snapshot_();
    meter.add(s.elapsed.count(), s.ok + s.failed + s.stopped);
    if (traits.interactive) {
      const std::string status = status_text(s, traits.width);
      Terminal::instance().bar(progress_text(s, meter.per_second(), traits.width, true) +
                               (status.empty() ? "" : "\n" + status));
    } else if (s.elapsed.count() >= next_line) {
      const std::string status = status_text(s, line_width);
      Terminal::instance().line(progress_text(s, meter.per_second(), line_width, false) +
                                (status.empty() ? "" : "  " + status));
      next_line += std::min(30.0, next_line);
    }
  }
}

}  // namespace dfpipe::observe
