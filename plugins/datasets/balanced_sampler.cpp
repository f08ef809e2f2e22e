#include "balanced_sampler.hpp"

#include <algorithm>
#include <map>

#include "dfpipe/error.hpp"
#include "dfpipe/random.hpp"
#include "labels.hpp"

namespace dfpipe::datasets {
namespace {

/// Puts a random choice of `count` elements, in random order, to the front (Fisher and Yates).
void shuffle_front(Positions& all, std::size_t count, Random random) {
  for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.below(all.size() - i)]);
}

std::string group_names(const std::vector<Group>& groups) {
  std::string text;
  for (const Group& group : groups) text += (text.empty() ? "" : ", ") + group.name;
  return text;
}

/// "take 8 or 12": the multiples of `step` around `size`.
std::string multiples_around(std::size_t size, std::size_t step) {
  const std::size_t below = size / step * step;
  return "take " + (below > 0 ? std::to_string(below) + " or " : "") + std::to_string(below + step);
}

void check(const std::vector<Group>& groups, std::size_t batch) {
  if (groups.empty()) throw Error("there are no training pictures", "data");
  std::string empty;
  for (const Group& group : groups)
    if (group.pictures.empty()) empty += (empty.empty() ? "'" : ", '") + group.name + "'";
  if (!empty.empty())
    throw Error(
        "there is no training picture of " + empty +
            ", and a batch takes as many of each data set and class: add some, leave that data set out, or give "
            "its pictures another data set's name in a manifest",
        "data");
  if (batch % groups.size() != 0)
    throw Error("batch " + std::to_string(batch) + " cannot be shared equally by the " + std::to_string(groups.size()) +
                    " groups (" + group_names(groups) + "): " + multiples_around(batch, groups.size()),
                "data");
  const Group& smallest =
      *std::ranges::min_element(groups, {}, [](const Group& group) { return group.pictures.size(); });
  if (smallest.pictures.size() < batch / groups.size())
    throw Error("a batch of " + std::to_string(batch) + " takes " + std::to_string(batch / groups.size()) +
                    " of each group, but there are only " + std::to_string(smallest.pictures.size()) +
                    " training pictures of '" + smallest.name + "': add some, or take a batch of at most " +
                    std::to_string(smallest.pictures.size() * groups.size()),
                "data");
}

}  // namespace

Positions positions_of(const Entries& entries, std::string_view split) {
  Positions found;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].split == split) found.push_back(i);
  return found;
}

std::vector<Group> groups_of(const Entries& entries, const Positions& pictures) {
  std::vector<Group> groups;
  std::map<std::string_view, std::size_t> first;  // of a data set: the number of its group of real pictures
  for (const std::size_t i : pictures) {
    const auto [found, fresh] = first.emplace(entries[i].dataset, groups.size());
    if (fresh)
      for (const std::int64_t label : {0, 1})
        groups.push_back({entries[i].dataset + " " + std::string(label_name(label)), {}});
    groups[found->second + (entries[i].label == 1 ? 1 : 0)].pictures.push_back(i);
  }
  return groups;
}

std::string sizes_text(const std::vector<Group>& groups) {
  std::string text;
  for (const Group& group : groups)
    text += (text.empty() ? "" : ", ") + group.name + " " + std::to_string(group.pictures.size());
  return text;
}

Positions taken_in_turn(const std::vector<Group>& groups, std::size_t count) {
  Positions taken;
  for (std::size_t round = 0;; ++round) {
    const std::size_t before = taken.size();
    for (const Group& group : groups)
      if (taken.size() < count && round < group.pictures.size()) taken.push_back(group.pictures[round]);
    if (taken.size() == before) break;
  }
  std::ranges::sort(taken);
  return taken;
}

BalancedSampler::BalancedSampler(std::vector<Group> groups, std::size_t batch, std::uint64_t seed)
    : groups_(std::move(groups)), seed_(seed) {
  check(groups_, batch);
  per_group_ = batch / groups_.size();
  batches_ = std::ranges::min(groups_, {}, [](const Group& group) { return group.pictures.size(); }).pictures.size() /
             per_group_;
}

std::vector<Positions> BalancedSampler::epoch(std::uint64_t number) const {
  const std::uint64_t key = Random::mix(Random::mix(Random::hash("balanced-batch"), seed_), number);
  std::uint64_t stream = 0;
  std::vector<Positions> batches(batches_);
  for (const Group& group : groups_) {
    Positions order = group.pictures;
    shuffle_front(order, batches_ * per_group_, Random(key, stream++));
    for (std::size_t i = 0; i < batches_ * per_group_; ++i) batches[i / per_group_].push_back(order[i]);
  }
  for (Positions& batch : batches) shuffle_front(batch, batch.size(), Random(key, stream++));
  return batches;
}

}  // namespace dfpipe::datasets
