#include "observe/terminal.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/showable.hpp"
#include "config/utf8.hpp"

namespace dfpipe::observe {
namespace {

void write_all(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(STDERR_FILENO, text.data() + at, text.size() - at);
    if (n <= 0) return;  // nobody reads: there is nothing sensible to do
    at += static_cast<std::size_t>(n);
  }
}

class TerminalSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    static constexpr const char* names[] = {"trace", "debug", "", "warning", "error", "error", ""};
    static constexpr const char* colours[] = {"", "\x1b[2m", "", "\x1b[33m", "\x1b[31m", "\x1b[31m", ""};
    const bool colour = stderr_traits().colour;
    const std::string name = names[message.level];
    std::string text = name.empty() ? "" : name + ": ";
    if (colour && !text.empty()) text = std::string(colours[message.level]) + text + "\x1b[0m";
    Terminal::instance().line(text + config::showable({message.payload.data(), message.payload.size()}));
  }
  void flush_() override {}
};

}  // namespace

TerminalTraits stderr_traits() {
  TerminalTraits traits;
  const char* term = std::getenv("TERM");
  traits.interactive = isatty(STDERR_FILENO) && term && std::strcmp(term, "dumb") != 0;
  const char* no_colour = std::getenv("NO_COLOR");
  traits.colour = traits.interactive && !(no_colour && *no_colour);
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) traits.width = size.ws_col;
  return traits;
}

std::string cut(const std::string& line, int columns) {
  std::size_t end = 0;
  for (int i = 0; i < columns && end < line.size(); ++i)
    end += std::max<std::size_t>(1, config::utf8_length(std::string_view(line).substr(end)));
  return line.substr(0, end);
}

Terminal& Terminal::instance() {
  static auto* terminal = new Terminal;  // log lines may come while statics are destroyed
  return *terminal;
}

std::string Terminal::wipe() const {
  std::string text = "\r\x1b[K";
  for (auto more = std::ranges::count(bar_, '\n'); more > 0; --more) text += "\x1b[A\x1b[K";
  return text;
}

void Terminal::line(const std::string& text) {
  std::lock_guard lock(mutex_);
  write_all(bar_.empty() ? text + "\n" : wipe() + text + "\n" + bar_);
}

void Terminal::bar(const std::string& text) {
  std::lock_guard lock(mutex_);
  if (text.empty() && bar_.empty()) return;
  const std::string whole = wipe() + text;
  bar_ = text;
  write_all(whole);
}

void set_up_log(Verbosity verbosity) {
  auto logger = std::make_shared<spdlog::logger>("dfpipe", std::make_shared<TerminalSink>());
  logger->set_level(verbosity == Verbosity::quiet     ? spdlog::level::warn
                    : verbosity == Verbosity::verbose ? spdlog::level::debug
                                                      : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace dfpipe::observe
