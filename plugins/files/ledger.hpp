#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "durable.hpp"

namespace dfpipe::files {

/// What an earlier run left in a file of JSON lines.
struct Past {
  std::uint64_t lines = 0;
  std::vector<std::uint64_t> failed;  ///< lines that report an error, of the image or of one of its faces; ascending
};

/// Reads the lines and cuts off what is unfinished at the end: a last line without newline, or one that is no JSON
/// object (a power cut may leave zeros). Throws std::runtime_error when a line before the end is damaged, or when line
/// i is not of the item whose "index" is i.
Past survey(const std::filesystem::path& file);

/// One line per item, in the items' order: line i belongs to item i.
///
/// Continuing appends. Doing some lines again (`redo`, ascending, all below `position`) writes a new file beside the
/// old one, old lines copied and new ones in their places, and puts it in the old one's place as soon as the last old
/// line is through; until then the old file stays whole.
class Ledger {
 public:
  Ledger(std::filesystem::path file, std::uint64_t position, std::vector<std::uint64_t> redo);

  /// The item whose line comes next when lines are appended.
  std::uint64_t next() const noexcept { return next_; }
  /// Items the ledger has already, and need not be done again, are passed over.
  bool wants(std::uint64_t index) const;
  /// Takes the line of an item it `wants`; of those, indices must grow. A new line's index must be next().
  void put(std::uint64_t index, const std::string& line);
  /// Copies the old lines that are left, makes all durable.
  void finish();

 private:
  void copy_until(std::uint64_t index);
  void end_rewrite();
  void sync_sometimes();

  std::filesystem::path file_;
  std::filesystem::path part_;
  std::uint64_t position_;
  std::uint64_t next_;
  std::vector<std::uint64_t> redo_;
  std::optional<LineFile> out_;
  std::ifstream old_;         ///< open while old lines are copied
  std::uint64_t copied_ = 0;  ///< old lines that are through
  std::int64_t last_sync_;    ///< steady clock, ns
};

}  // namespace dfpipe::files
