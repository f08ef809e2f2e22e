#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "entries.hpp"
#include "labels.hpp"

namespace dfpipe::datasets {

struct DataOptions {
  ClassNames classes;
  std::string group_column = "group";  ///< of manifests
};

struct DataSets {
  Entries entries;
  std::string passed_over;  ///< in words; empty when nothing was
};

/// Reads manifests and folder trees, each in its order, one after the other. A tree is called like its folder, with as
/// many of the folders above it as are needed to tell the trees apart ("a/Dataset", "b/Dataset").
/// Throws Error as read_manifest and read_folder_tree do, and when a file belongs to two places.
DataSets read_data_sets(const std::vector<std::filesystem::path>& places, const DataOptions& options);

/// Those of a split; all for "all". Throws Error ("data") when none is left, and says which splits there are.
Entries of_split(Entries entries, const std::string& split);

/// Pictures by data set, split and label, in the order of the names.
struct Cell {
  std::string dataset;
  std::string split;
  std::size_t real = 0;
  std::size_t fake = 0;
};
std::vector<Cell> counted(const Entries& entries);

/// "web test: 10 real, 10 fake; …"
std::string counts_text(const Entries& entries);

/// Everything about the entries except where they lie, as JSON; equal lists give equal text.
std::string list_state(const Entries& entries);

/// What a list differs in from an earlier one, or nothing. Throws std::runtime_error when `earlier` is no list_state.
std::string difference(const Entries& now, const std::string& earlier);

/// For a run that is resumed: throws std::runtime_error with the difference when there is one.
void refuse_changes(const Entries& now, const std::string& earlier);

}  // namespace dfpipe::datasets
