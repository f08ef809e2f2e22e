#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "testing/scratch_folder.hpp"

namespace dfpipe::testing {

/// A copy of the program with some plugins only, for tests that start it many times: LibTorch alone takes longer to
/// load than most commands take to run.
class Toolbox {
 public:
  /// Files of plugins; a name without a folder is a built-in one ("models.so").
  explicit Toolbox(const std::vector<std::filesystem::path>& plugins);

  /// The program's path, then `arguments`.
  std::vector<std::string> command_line(std::vector<std::string> arguments) const;

 private:
  ScratchFolder folder_;
};

}  // namespace dfpipe::testing
