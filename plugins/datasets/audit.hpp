#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "data_sets.hpp"
#include "duplicates.hpp"
#include "leaks.hpp"

namespace dfpipe::datasets {

/// What `dfpipe data audit` found.
struct Audit {
  Entries entries;                                           ///< with the hashes of the files as they are
  std::vector<std::pair<std::size_t, std::string>> damaged;  ///< entry, why it cannot be read or decoded
  std::vector<Duplicate> exact;
  std::vector<Duplicate> near;
  std::vector<SplitGroup> groups;
  std::vector<Leak> leaks;

  /// How many things should be looked at before anything is trained or tested on the data.
  std::size_t findings() const;
};

/// For people: a line for each finding, then the table of leaks.
std::string audit_text(const Audit& audit);
std::string audit_json(const Audit& audit);

}  // namespace dfpipe::datasets
