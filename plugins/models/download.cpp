#include "download.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "dfpipe/error.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/sha256.hpp"
#include "part.hpp"
#include "transfer.hpp"
#include "url.hpp"

namespace dfpipe::models {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A line for the terminal, ten times a second at most.
class ProgressLine {
 public:
  ProgressLine(Console& console, std::string what, std::uint64_t start, std::uint64_t total)
      : console_(console), what_(std::move(what)), start_(start), total_(total) {}
  ~ProgressLine() { console_.progress({}); }

  void at(std::uint64_t done) {
    const auto now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const double rate = seconds > 0.5 ? static_cast<double>(done - start_) / seconds : 0;
    console_.progress(what_ + ": " + bytes_text(done) + " of " + bytes_text(total_) + ", " +
                      std::to_string(done * 100 / total_) + " %" +
                      (rate > 0 ? ", " + bytes_text(static_cast<std::uint64_t>(rate)) + "/s" : ""));
  }

 private:
  Console& console_;
  std::string what_;
  std::uint64_t start_, total_;
  Clock::time_point begun_ = Clock::now(), last_{};
};

[[noreturn]] void stopped(const std::string& name, std::uint64_t bytes) {
  throw Error(name + ": stopped" + (bytes > 0 ? "; the next call goes on behind " + bytes_text(bytes) : ""), "stopped");
}

std::string hash_of(const fs::path& path, const ListedFile& file, Console& console) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 20);
  Sha256 hash;
  ProgressLine line(console, file.name + ", checking", 0, file.size);
  std::uint64_t done = 0;
  while (in) {
    if (console.stop().stop_requested()) stopped(file.name, 0);
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(buffer.data(), static_cast<std::size_t>(in.gcount()));
    done += static_cast<std::uint64_t>(in.gcount());
    line.at(std::min(done, file.size));
  }
  if (!in.eof()) throw Fatal(path.string() + ": cannot be read");
  return hash.hex();
}

/// How one try has ended.
struct Try {
  enum class End { complete, again, hopeless };
  End end = End::again;
  std::string why;
  std::chrono::milliseconds wait{};
};

bool is_strong(const std::string& etag) { return etag.starts_with('"'); }

/// What the server promises to keep for as long as the file is the same, for If-Range (RFC 9110, section 13.1.5).
std::string validator_of(const ReplyHead& head) { return is_strong(head.etag) ? head.etag : head.last_modified; }

/// Puts a body behind what the part holds, or in its place, as the answer says.
class PartSink final : public TransferSink {
 public:
  PartSink(Part& part, const ListedFile& file, std::string url, ProgressLine& line)
      : part_(part), file_(file), url_(std::move(url)), line_(line), asked_from_(part.size()) {}

  bool begin(const ReplyHead& head) override {
    if (head.status == 206) return continues(head);
    if (head.length && *head.length != file_.size) return other_size(*head.length);
    part_.restart({shown(url_), validator_of(head)});
    return true;
  }
  bool take(std::string_view bytes) override {
    if (bytes.size() > file_.size - part_.size()) {
      part_.remove();
      return hopeless("sends more than the listed " + std::to_string(file_.size) + " bytes");
    }
    part_.append(bytes);
    line_.at(part_.size());
    return true;
  }
  /// Why the body was not wanted.
  const Try& refusal() const { return refusal_; }

 private:
  bool continues(const ReplyHead& head) {
    if (head.range && head.range->total && *head.range->total != file_.size) return other_size(*head.range->total);
    const std::string& now = is_strong(part_.origin().validator) ? head.etag : head.last_modified;
    const bool same = now.empty() || now == part_.origin().validator;
    if (asked_from_ > 0 && head.range && head.range->first == asked_from_ && same) return true;
    part_.remove();
    refusal_ = {
        Try::End::again, same ? "gives another range than was asked for" : "has a changed file; begun again", {}};
    return false;
  }
  bool other_size(std::uint64_t bytes) {
    return hopeless("has a file of " + std::to_string(bytes) + " bytes, the listed one has " +
                    std::to_string(file_.size));
  }
  bool hopeless(std::string why) {
    refusal_ = {Try::End::hopeless, std::move(why), {}};
    return false;
  }

  Part& part_;
  const ListedFile& file_;
  std::string url_;
  ProgressLine& line_;
  std::uint64_t asked_from_;
  Try refusal_;
};

Try try_of_status(const TransferEnd& end, Part& part) {
  const long status = end.head.status;
  if (status == 416) part.remove();  // there is nothing behind what was taken for a beginning
  const bool passes = status == 416 || status == 408 || status == 429 || status >= 500;
  return {passes ? Try::End::again : Try::End::hopeless, end.why, end.retry_after};
}

/// One connection to one address.
Try try_once(const ListedFile& file, const std::string& url, Part& part, const DownloadOptions& options,
             Console& console) {
  if (part.size() == file.size) return {Try::End::complete, {}, {}};
  // Without a validator of this very address nobody knows whether the rest there belongs to the part.
  if (part.size() > file.size || part.origin().url != shown(url) || part.origin().validator.empty()) part.remove();
  TransferRequest request{.url = url,
                          .from = part.size(),
                          .if_range = part.size() > 0 ? part.origin().validator : "",
                          .proxy = options.proxy,
                          .ca_file = options.ca_file,
                          .stall = options.stall};
  ProgressLine line(console, file.name, part.size(), file.size);
  PartSink sink(part, file, url, line);
  const TransferEnd end = transfer(request, sink, console.stop());
  switch (end.kind) {
    case TransferEnd::Kind::whole:
      if (part.size() == file.size) return {Try::End::complete, {}, {}};
      return {Try::End::again,
              "ended after " + std::to_string(part.size()) + " of " + std::to_string(file.size) + " bytes",
              {}};
    case TransferEnd::Kind::refused:
      return sink.refusal();
    case TransferEnd::Kind::status:
      return try_of_status(end, part);
    case TransferEnd::Kind::forbidden:
      return {Try::End::hopeless, end.why, {}};
    case TransferEnd::Kind::stopped:
      stopped(file.name, part.size());
    case TransferEnd::Kind::broken:
      break;
  }
  return {Try::End::again, end.why, {}};
}

/// Waits, unless the user wants to stop.
void pause(std::chrono::milliseconds time, const ListedFile& file, const Part& part, Console& console) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, console.stop(), time, [] { return false; });
  if (console.stop().stop_requested()) stopped(file.name, part.size());
}

/// Tries one address until the part is complete, or says why that is hopeless.
std::optional<std::string> fill(const ListedFile& file, const std::string& url, Part& part,
                                const DownloadOptions& options, Console& console) {
  constexpr std::chrono::milliseconds longest_wait = std::chrono::minutes(1);
  std::uint64_t most = part.size();
  auto wait = options.retry_wait;
  for (int fruitless = 0;;) {
    const Try now = try_once(file, url, part, options, console);
    if (now.end == Try::End::complete) return std::nullopt;
    if (now.end == Try::End::hopeless) return now.why;
    if (part.size() > most) {
      most = part.size();
      fruitless = 0;
      wait = options.retry_wait;
    }
    if (++fruitless > options.retries) return now.why;
    const auto time = std::min(std::max(wait, now.wait), longest_wait);
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3g s", static_cast<double>(time.count()) / 1000);
    log(LogLevel::warning, file.name + ": " + shown(url) + ": " + now.why + "; trying again in " + seconds);
    pause(time, file, part, console);
    wait = std::min(2 * wait, longest_wait);
  }
}

/// The file from one address, or why not.
std::optional<std::string> fetch_from(const std::string& url, const ListedFile& file, const fs::path& target,
                                      const DownloadOptions& options, Console& console) {
  for (;;) {
    Part part(target);
    const bool resumed = part.size() > 0;
    if (auto why = fill(file, url, part, options, console)) return why;
    const std::string hash = hash_of(part.path(), file, console);
    if (hash == file.sha256) {
      part.finish();
      return std::nullopt;
    }
    part.remove();
    const std::string why = "the file's sha256 is " + hash + ", the listed one's " + file.sha256;
    if (!resumed) return why;
    // The beginning was written by an earlier process: only what one process brings in full speaks against the address.
    log(LogLevel::warning, file.name + ": " + shown(url) + ": " + why + "; begun again from nothing");
  }
}

void check_space(const ListedFile& file, const fs::path& target) {
  std::error_code failed;
  const fs::path folder = target.parent_path().empty() ? fs::path(".") : target.parent_path();
  const fs::space_info space = fs::space(folder, failed);
  if (failed) return;
  const std::uintmax_t there = fs::file_size(target.string() + ".part", failed);
  const std::uint64_t needed = file.size - std::min<std::uint64_t>(failed ? 0 : there, file.size);
  if (space.available < needed)
    throw Fatal(folder.string() + ": the disk has " + bytes_text(space.available) + " left, " + file.name + " needs " +
                bytes_text(needed));
}

}  // namespace

Fetched download(const ListedFile& file, const fs::path& target, const DownloadOptions& options, Console& console) {
  std::error_code failed;
  if (fs::is_directory(target, failed)) throw Error(target.string() + ": is a folder, and a file is to be put there");
  if (fs::exists(target, failed)) {
    if (fs::file_size(target, failed) == file.size && hash_of(target, file, console) == file.sha256)
      return Fetched::before;
    log(LogLevel::warning, target.string() + ": is not the listed file and will be replaced");
  }
  check_space(file, target);
  std::string reasons;
  for (const std::string& url : file.urls) {
    const auto why = fetch_from(url, file, target, options, console);
    if (!why) return Fetched::now;
    reasons += (reasons.empty() ? "" : "; ") + shown(url) + ": " + *why;
  }
  throw Error(file.name + ": cannot be fetched: " + reasons);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  static constexpr std::array<const char*, 4> units = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < units.size(); ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
  return text;
}

}  // namespace dfpipe::models
