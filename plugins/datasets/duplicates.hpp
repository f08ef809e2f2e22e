#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "entries.hpp"

/// Pictures and groups that stand where they should not stand as well.
namespace dfpipe::datasets {

/// The same content several times.
struct Duplicate {
  std::vector<std::size_t> members;  ///< of the entries, ascending
  int distance = 0;                  ///< bits of the perceptual hash; 0 for files that are equal byte for byte
  bool across_splits = false;
  bool across_labels = false;

  /// Between splits a score is no longer measured on unseen pictures; with two labels one must be wrong.
  bool harmful() const { return across_splits || across_labels; }
};

/// Files with the same SHA-256, a set each, in the order of the first members. Entries without a hash are in none.
std::vector<Duplicate> exact_duplicates(const Entries& entries);

/// Pairs of pictures with nearly the same perceptual hash (see near_pairs), files that are equal left out.
std::vector<Duplicate> near_duplicates(const Entries& entries, const std::vector<std::optional<std::uint64_t>>& hashes,
                                       int distance);

/// A person or video of one data set whose pictures are in several splits.
struct SplitGroup {
  std::string dataset;
  std::string group;
  std::vector<std::string> splits;
};
std::vector<SplitGroup> split_groups(const Entries& entries);

/// One sentence on groups in several splits, and on equal files in two splits or with two labels; empty when there are
/// none. Only what the list itself tells: nothing is read.
std::string overlap_text(const Entries& entries);

}  // namespace dfpipe::datasets
