#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dfpipe/types/sample.hpp"

namespace dfpipe::datasets {

/// One picture of a data set, and where it lies.
struct Entry {
  Sample sample;
  std::filesystem::path file;
  std::string sha256;  ///< that the list says, lower-case hex; empty when it says none
};

using Entries = std::vector<Entry>;

}  // namespace dfpipe::datasets
