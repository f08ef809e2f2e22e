#include "resumable_lines.hpp"

#include <stdexcept>

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;

fs::path made(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) throw std::runtime_error(dir.string() + ": cannot be made: " + error.message());
  return fs::absolute(dir);
}

}  // namespace

ResumableLines::ResumableLines(const fs::path& dir, std::string stem, const std::string& record, int format)
    : dir_(made(dir)),
      lines_(dir_ / (stem + ".jsonl")),
      previous_(dir_ / (stem + ".prev.jsonl")),
      record_(dir_ / (record + ".run.json")),
      format_(format),
      lock_(dir_) {}

std::optional<Checkpoint> ResumableLines::resume(bool retry_errors) {
  const bool has_lines = fs::exists(lines_);
  if (!fs::exists(record_)) {
    if (!has_lines) return std::nullopt;
    throw std::runtime_error(record_.string() + " is missing, so " + lines_.filename().string() +
                             " cannot be continued; run without --resume to start again");
  }
  Checkpoint found = read_run_record(record_, format_);
  Past past;
  if (has_lines) past = survey(lines_);
  found.position = past.lines;
  if (retry_errors)
    found.missing = std::move(past.failed);
  else
    found.failed = past.failed.size();
  resumed_ = true;
  return found;
}

void ResumableLines::begin(const Checkpoint& checkpoint) {
  if (!resumed_) move_file(lines_, previous_);
  write_run_record(record_, format_, checkpoint);
  ledger_ = resumed_ ? std::make_unique<Ledger>(lines_, checkpoint.position, checkpoint.missing)
                     : std::make_unique<Ledger>(lines_, 0, std::vector<std::uint64_t>{});
  sync_folder(dir_);
}

void ResumableLines::finish() {
  ledger_->finish();
  ledger_.reset();
}

}  // namespace dfpipe::files
