#include "balanced_sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "dfpipe/error.hpp"

namespace dfpipe::datasets {
namespace {

using ::testing::HasSubstr;

/// tests/data/datasets/sampler.json: what the original's own sampler gave for groups of many sizes.
nlohmann::json golden(const std::string& part) {
  std::ifstream file("tests/data/datasets/sampler.json");
  return nlohmann::json::parse(file).at(part);
}

/// Group g0 has the first pictures, g1 the next.
std::vector<Group> groups_of_sizes(const std::vector<std::size_t>& sizes) {
  std::vector<Group> groups;
  std::size_t next = 0;
  for (const std::size_t size : sizes) {
    Group group{"g" + std::to_string(groups.size()), Positions(size)};
    std::iota(group.pictures.begin(), group.pictures.end(), next);
    next += size;
    groups.push_back(std::move(group));
  }
  return groups;
}

std::size_t group_of(const std::vector<Group>& groups, std::size_t picture) {
  std::size_t number = 0;
  while (picture > groups[number].pictures.back()) ++number;
  return number;
}

std::string refusal(const std::vector<std::size_t>& sizes, std::size_t batch) {
  try {
    BalancedSampler(groups_of_sizes(sizes), batch, 0);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

void expect_as_golden(const nlohmann::json& wanted) {
  SCOPED_TRACE(wanted.at("name").get<std::string>());
  const std::vector<std::size_t> sizes = wanted.at("group_sizes");
  const std::size_t batch = wanted.at("batch_size");
  if (wanted.at("batches_per_epoch") == 0) {
    EXPECT_NE(refusal(sizes, batch), "accepted") << "the original divides by zero after the epoch";
    return;
  }
  const BalancedSampler sampler(groups_of_sizes(sizes), batch, 17);
  EXPECT_EQ(sampler.batches(), wanted.at("batches_per_epoch").get<std::size_t>());
  EXPECT_EQ(sampler.per_group(), wanted.at("per_group").get<std::size_t>());

  const auto epoch = sampler.epoch(0);
  ASSERT_EQ(epoch.size(), sampler.batches());
  std::set<std::size_t> seen;
  std::vector<std::size_t> used(sizes.size());
  bool mixed = false;
  for (const Positions& pictures : epoch) {
    std::vector<std::size_t> numbers, counts(sizes.size());
    for (const std::size_t picture : pictures) {
      EXPECT_TRUE(seen.insert(picture).second) << "picture " << picture << " comes twice";
      numbers.push_back(group_of(sampler.groups(), picture));
      ++counts[numbers.back()];
      ++used[numbers.back()];
    }
    EXPECT_EQ(counts, wanted.at("counts_per_batch").get<std::vector<std::size_t>>());
    mixed = mixed || !std::ranges::is_sorted(numbers) || sizes.size() == 1;
  }
  EXPECT_EQ(used, wanted.at("used_per_epoch").get<std::vector<std::size_t>>());
  EXPECT_EQ(mixed, wanted.at("groups_mixed_within_batch").get<bool>());
  EXPECT_NE(sampler.epoch(1), epoch);
}

TEST(BalancedSampler, KeepsWhatTheOriginalsSamplerKeeps) {
  for (const auto& wanted : golden("sampler")) expect_as_golden(wanted);
}

TEST(BalancedSampler, GroupsAreThoseOfTheOriginal) {
  std::ifstream file("tests/data/datasets/folder.json");
  const auto folder = nlohmann::json::parse(file);
  Entries entries;
  for (const char* dataset : {"ds1", "ds2"})
    for (const auto& sample : folder.at(dataset).at("samples"))
      entries.push_back(
          {.label = sample.at(1), .dataset = dataset, .split = "train", .group = {}, .path = sample.at(0)});
  const auto wanted = golden("groups");
  const std::vector<std::string> names = wanted.at("order");
  const std::vector<Positions> positions = wanted.at("global_indices");
  const std::vector<Group> groups = groups_of(entries, positions_of(entries, "train"));
  ASSERT_EQ(groups.size(), names.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].name, names[i]);
    EXPECT_EQ(groups[i].pictures, positions[i]);
  }
  EXPECT_EQ(sizes_text(groups), "ds1 real 3, ds1 fake 6, ds2 real 2, ds2 fake 1");
}

TEST(BalancedSampler, WhatCannotBeBalancedIsRefusedWithWhatToDo) {
  EXPECT_EQ(refusal({9, 9, 9}, 8), "batch 8 cannot be shared equally by the 3 groups (g0, g1, g2): take 6 or 9");
  EXPECT_EQ(refusal({9, 9, 9, 9}, 3), "batch 3 cannot be shared equally by the 4 groups (g0, g1, g2, g3): take 4");
  EXPECT_EQ(refusal({40, 3, 50, 60}, 16),
            "a batch of 16 takes 4 of each group, but there are only 3 training pictures of 'g1': add some, or take a "
            "batch of at most 12");
  EXPECT_EQ(refusal({40, 3, 50, 60}, 12), "accepted");
  EXPECT_THAT(refusal({10, 0, 10, 0}, 8), HasSubstr("there is no training picture of 'g1', 'g3', and"));
  EXPECT_EQ(refusal({}, 8), "there are no training pictures");
}

TEST(BalancedSampler, TheOrderFollowsFromSeedAndEpochAlone) {
  const BalancedSampler sampler(groups_of_sizes({30, 20}), 4, 5);
  const auto fourth = sampler.epoch(3);
  sampler.epoch(0);
  EXPECT_EQ(sampler.epoch(3), fourth);
  EXPECT_EQ(BalancedSampler(groups_of_sizes({30, 20}), 4, 5).epoch(3), fourth);
  EXPECT_NE(BalancedSampler(groups_of_sizes({30, 20}), 4, 6).epoch(3), fourth);
  EXPECT_NE(sampler.epoch(4), fourth);
}

TEST(BalancedSampler, GroupsOfOneSizeArePermutedIndependently) {
  const auto batches = BalancedSampler(groups_of_sizes({100, 100}), 2, 5).epoch(0);
  int alike = 0;
  for (const Positions& pair : batches) alike += pair[0] % 100 == pair[1] % 100 ? 1 : 0;
  EXPECT_LT(alike, 8) << "one is expected of independent permutations";
}

/// Chi-square over the cells, all of them expected alike.
double chi_square(const std::vector<int>& counts) {
  const double mean = std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double sum = 0;
  for (const int count : counts) sum += (count - mean) * (count - mean) / mean;
  return sum;
}

TEST(BalancedSampler, EveryPictureAndEveryPlaceIsAsLikelyAsAnother) {
  // g0 gives 2 of 10 pictures, g1 both of its own: one batch an epoch, 4 places.
  const BalancedSampler sampler(groups_of_sizes({10, 2}), 4, 11);
  std::vector<int> taken(10), place_of_the_last(4);
  for (std::uint64_t e = 0; e < 5000; ++e) {
    const Positions batch = sampler.epoch(e).at(0);
    for (std::size_t place = 0; place < 4; ++place) {
      if (batch[place] < 10) ++taken[batch[place]];
      if (batch[place] == 11) ++place_of_the_last[place];
    }
  }
  EXPECT_LT(chi_square(taken), 27.9) << "0.1 % point, 9 degrees of freedom";
  EXPECT_LT(chi_square(place_of_the_last), 16.3) << "0.1 % point, 3 degrees of freedom";
}

TEST(BalancedSampler, TakingInTurnGivesEachGroupItsShare) {
  const std::vector<Group> groups{{"a", {0, 1, 2, 3}}, {"b", {}}, {"c", {7}}};
  EXPECT_EQ(taken_in_turn(groups, 3), (Positions{0, 1, 7}));
  EXPECT_EQ(taken_in_turn(groups, 9), (Positions{0, 1, 2, 3, 7}));
}

}  // namespace
}  // namespace dfpipe::datasets
