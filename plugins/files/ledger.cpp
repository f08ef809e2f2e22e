#include "ledger.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "dfpipe/error.hpp"

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t sync_every_ns = 2'000'000'000;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool reports_error(const Json& line) {
  if (line.contains("error")) return true;
  const auto faces = line.find("faces");
  if (faces == line.end() || !faces->is_array()) return false;
  return std::ranges::any_of(*faces, [](const Json& face) {
    if (face.contains("error")) return true;
    const auto problems = face.find("problems");
    return problems != face.end() && !problems->empty();
  });
}

}  // namespace

Past survey(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + ": cannot be read");
  const auto refuse = [&](std::uint64_t index, const std::string& why) {
    throw std::runtime_error(file.string() + ": line " + std::to_string(index + 1) + why +
                             "; run without --resume to start again");
  };
  Past past;
  std::uint64_t whole = 0;  // bytes of sound lines
  std::optional<std::uint64_t> damaged;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    if (damaged) refuse(*damaged, " is damaged");
    const Json parsed = Json::parse(line, nullptr, false);
    if (!parsed.is_object()) {
      damaged = past.lines;
      continue;
    }
    if (const auto index = parsed.find("index"); index == parsed.end() || *index != past.lines)
      refuse(past.lines, " is not item " + std::to_string(past.lines + 1) + ": the file was edited");
    if (reports_error(parsed)) past.failed.push_back(past.lines);
    ++past.lines;
    whole += line.size() + 1;
  }
  if (in.bad()) throw std::runtime_error(file.string() + ": cannot be read");
  in.close();
  if (whole != fs::file_size(file)) fs::resize_file(file, whole);
  return past;
}

Ledger::Ledger(fs::path file, std::uint64_t position, std::vector<std::uint64_t> redo)
    : file_(std::move(file)),
      part_(file_.string() + ".part"),
      position_(position),
      next_(position),
      redo_(std::move(redo)),
      last_sync_(now_ns()) {
  if (redo_.empty()) {
    out_.emplace(file_, position_ == 0 ? LineFile::Start::empty : LineFile::Start::append);
    return;
  }
  old_.open(file_, std::ios::binary);
  if (!old_) throw std::runtime_error(file_.string() + ": cannot be read");
  out_.emplace(part_, LineFile::Start::empty);
}

bool Ledger::wants(std::uint64_t index) const {
  return index >= next_ || (old_.is_open() && index >= copied_ && std::ranges::binary_search(redo_, index));
}

void Ledger::put(std::uint64_t index, const std::string& line) {
  if (index < position_) {
    copy_until(index);
    std::string replaced;
    std::getline(old_, replaced);
    ++copied_;
    out_->append(line);
  } else {
    if (old_.is_open()) end_rewrite();
    out_->append(line);
    ++next_;
  }
  sync_sometimes();
}

void Ledger::finish() {
  if (old_.is_open()) end_rewrite();
  out_->sync();
}

void Ledger::copy_until(std::uint64_t index) {
  for (std::string line; copied_ < index; ++copied_) {
    if (!std::getline(old_, line)) throw Fatal(file_.string() + ": became shorter while it was read");
    out_->append(line);
  }
}

void Ledger::end_rewrite() {
  copy_until(position_);
  out_->sync();
  out_->rename(file_);
  old_.close();
  sync_folder(file_.parent_path());
}

void Ledger::sync_sometimes() {
  const std::int64_t now = now_ns();
  if (now - last_sync_ < sync_every_ns) return;
  out_->sync();
  last_sync_ = now;
}

}  // namespace dfpipe::files
