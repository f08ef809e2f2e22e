#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "config/tree.hpp"

namespace dfpipe::config {

/// A pipeline file with everything it includes merged in: its own values win over included ones, later includes over
/// earlier ones, key by key. Circular and too many includes are reported. The top is a map with known keys.
std::optional<Tree> read_pipeline(const std::filesystem::path& file, Reporter& report);

/// Part files, each read once however often it is used.
class Parts {
 public:
  explicit Parts(Reporter& report) : report_(report) {}
  /// The part named by a `part:` value, relative to the folder of the file that names it. Null when it is no part file;
  /// reported at its first use.
  const Tree* read(const Tree& name);
  static std::filesystem::path file_of(const Tree& name);

 private:
  Reporter& report_;
  std::map<std::filesystem::path, std::optional<Tree>> read_;
};

}  // namespace dfpipe::config
