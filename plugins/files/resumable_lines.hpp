#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "ledger.hpp"
#include "run_record.hpp"

namespace dfpipe::files {

/// What an ordered sink keeps in its folder so that `--resume` can go on: STEM.jsonl, a line for each item in the
/// items' order, and RECORD.run.json beside it. The folder is made and locked for this run while the object lives.
class ResumableLines {
 public:
  /// Throws std::runtime_error when the folder cannot be made, or when another run holds it. `format` is the number of
  /// the lines' layout.
  ResumableLines(const std::filesystem::path& dir, std::string stem, const std::string& record, int format);

  /// For Node::resume and Node::begin. Without resume() an earlier STEM.jsonl becomes STEM.prev.jsonl.
  std::optional<Checkpoint> resume(bool retry_errors);
  void begin(const Checkpoint& checkpoint);

  /// Valid between begin() and finish().
  Ledger& ledger() const { return *ledger_; }
  bool begun() const noexcept { return ledger_ != nullptr; }
  void finish();

  const std::filesystem::path& dir() const noexcept { return dir_; }
  const std::filesystem::path& lines() const noexcept { return lines_; }

 private:
  std::filesystem::path dir_, lines_, previous_, record_;
  int format_;
  FolderLock lock_;
  bool resumed_ = false;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace dfpipe::files
