#include "duplicates.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "perceptual_hash.hpp"

namespace dfpipe::datasets {
namespace {

Duplicate duplicate(const Entries& entries, std::vector<std::size_t> members, int distance) {
  const Sample& first = entries[members.front()];
  const auto differs = [&](auto member) {
    return std::ranges::any_of(members, [&](std::size_t i) { return entries[i].*member != first.*member; });
  };
  const bool splits = differs(&Sample::split), labels = differs(&Sample::label);
  return {.members = std::move(members), .distance = distance, .across_splits = splits, .across_labels = labels};
}

}  // namespace

std::vector<Duplicate> exact_duplicates(const Entries& entries) {
  std::map<std::string_view, std::vector<std::size_t>> by_hash;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!entries[i].sha256.empty()) by_hash[entries[i].sha256].push_back(i);
  std::vector<Duplicate> found;
  for (auto& [hash, members] : by_hash)
    if (members.size() > 1) found.push_back(duplicate(entries, std::move(members), 0));
  std::ranges::sort(found, {}, &Duplicate::members);
  return found;
}

std::vector<Duplicate> near_duplicates(const Entries& entries, const std::vector<std::optional<std::uint64_t>>& hashes,
                                       int distance) {
  std::vector<Duplicate> found;
  for (const auto& [a, b] : near_pairs(hashes, distance))
    if (entries[a].sha256 != entries[b].sha256)
      found.push_back(duplicate(entries, {a, b}, std::popcount(*hashes[a] ^ *hashes[b])));
  return found;
}

std::vector<SplitGroup> split_groups(const Entries& entries) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> splits;
  for (const Sample& entry : entries)
    if (!entry.group.empty()) splits[{entry.dataset, entry.group}].insert(entry.split);
  std::vector<SplitGroup> found;
  for (const auto& [name, all] : splits)
    if (all.size() > 1) found.push_back({name.first, name.second, {all.begin(), all.end()}});
  return found;
}

std::string overlap_text(const Entries& entries) {
  std::string text;
  if (const auto groups = split_groups(entries); !groups.empty())
    text = std::to_string(groups.size()) + " groups are in more than one split ('" + groups.front().group + "' of " +
           groups.front().dataset + ")";
  std::vector<Duplicate> files = exact_duplicates(entries);
  std::erase_if(files, [](const Duplicate& duplicate) { return !duplicate.harmful(); });
  if (!files.empty())
    text += (text.empty() ? "" : "; ") + std::to_string(files.size()) +
            " files are in two splits or have two labels ('" + entries[files.front().members.front()].path + "')";
  return text.empty() ? text : text + ": scores on these data say less than they seem to, see dfpipe data audit";
}

}  // namespace dfpipe::datasets
