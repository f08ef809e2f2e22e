#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "entries.hpp"

namespace dfpipe::datasets {

/// Pictures are meant by their positions in a list of entries.
using Positions = std::vector<std::size_t>;

/// Those of a split, ascending.
Positions positions_of(const Entries& entries, std::string_view split);

/// The pictures of one data set and class.
struct Group {
  std::string name;  ///< "camera-a real"
  Positions pictures;
};

/// Two groups, real and fake, for each data set among the pictures, in the order in which the data sets come. A class
/// that a data set lacks is a group without pictures.
std::vector<Group> groups_of(const Entries& entries, const Positions& pictures);

/// "camera-a real 500, camera-a fake 480"
std::string sizes_text(const std::vector<Group>& groups);

/// `count` pictures, or all if there are fewer, taken from the groups in turn; ascending.
Positions taken_in_turn(const std::vector<Group>& groups, std::size_t count);

/// Training batches with equally many pictures of each group, as the original's sampler makes them. The smallest group
/// decides how many batches an epoch has. In each epoch every group is permuted afresh, batch i takes slice i of each
/// group, and is shuffled inside; so no picture comes twice in an epoch, and of the larger groups another part is left
/// out each time. The order is a pure function of seed and epoch: no epoch needs those before it.
class BalancedSampler {
 public:
  /// Throws Error ("data") with what to do when there are no groups, when a group has no pictures, when the groups do
  /// not divide `batch`, and when the smallest group has too few pictures for a single batch.
  BalancedSampler(std::vector<Group> groups, std::size_t batch, std::uint64_t seed);

  /// Of an epoch; at least 1.
  std::size_t batches() const noexcept { return batches_; }
  const std::vector<Group>& groups() const noexcept { return groups_; }
  /// Pictures of each group in a batch.
  std::size_t per_group() const noexcept { return per_group_; }

  /// The pictures of each batch.
  std::vector<Positions> epoch(std::uint64_t number) const;

 private:
  std::vector<Group> groups_;
  std::uint64_t seed_;
  std::size_t per_group_;
  std::size_t batches_;
};

}  // namespace dfpipe::datasets
