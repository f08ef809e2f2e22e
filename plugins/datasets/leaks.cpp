#include "leaks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>

namespace dfpipe::datasets {
namespace {

constexpr double two_sided_95 = 1.959963984540054;
constexpr double significance = 0.01;

struct Measure {
  std::string name;
  Leak::Kind kind;
  std::function<std::optional<double>(const Picture&)> of;
};

/// Is it this one? For what has no order.
template <class Get>
void add_kinds(std::vector<Measure>& to, const std::string& name, const std::vector<const Picture*>& pictures,
               Get get) {
  constexpr std::size_t most_kinds = 5;
  std::map<std::string, std::size_t> counts;
  for (const Picture* picture : pictures)
    if (const std::optional<std::string> kind = get(*picture)) ++counts[*kind];
  std::vector<std::pair<std::size_t, std::string>> frequent;
  for (const auto& [kind, count] : counts)
    if (20 * count >= pictures.size()) frequent.emplace_back(count, kind);
  std::ranges::sort(frequent, std::greater<>());
  if (frequent.size() > most_kinds) frequent.resize(most_kinds);
  if (counts.size() == 2) frequent.resize(std::min<std::size_t>(frequent.size(), 1));  // the other is its opposite
  for (const auto& [count, kind] : frequent)
    to.push_back({name + " " + kind, Leak::Kind::mark, [get, kind](const Picture& picture) -> std::optional<double> {
                    const auto own = get(picture);
                    return own ? std::optional<double>(*own == kind) : std::nullopt;
                  }});
}

std::vector<Measure> measures(const std::vector<const Picture*>& pictures) {
  using enum Leak::Kind;
  const auto pixels = [](const Picture& p) { return static_cast<double>(p.width) * static_cast<double>(p.height); };
  std::vector<Measure> all{
      {"file size", amount, [](const Picture& p) { return static_cast<double>(p.bytes); }},
      {"width", amount, [](const Picture& p) { return static_cast<double>(p.width); }},
      {"height", amount, [](const Picture& p) { return static_cast<double>(p.height); }},
      {"JPEG quality", amount,
       [](const Picture& p) { return p.facts.jpeg ? std::optional<double>(p.facts.jpeg->quality) : std::nullopt; }},
      {"EXIF", mark, [](const Picture& p) { return p.facts.exif ? 1.0 : 0.0; }},
      {"progressive JPEG", mark, [](const Picture& p) {
         return p.facts.jpeg ? std::optional<double>(p.facts.jpeg->progressive) : std::nullopt;
       }}};
  // Among pictures of one size this would be the file size again.
  if (std::ranges::any_of(pictures, [&](const Picture* p) { return pixels(*p) != pixels(*pictures.front()); }))
    all.push_back(
        {"bytes per pixel", amount, [=](const Picture& p) { return static_cast<double>(p.bytes) / pixels(p); }});
  add_kinds(all, "format", pictures, [](const Picture& p) { return std::optional(p.facts.format); });
  add_kinds(all, "JPEG sampling", pictures,
            [](const Picture& p) { return p.facts.jpeg ? std::optional(p.facts.jpeg->sampling) : std::nullopt; });
  add_kinds(all, "JPEG tables", pictures, [](const Picture& p) -> std::optional<std::string> {
    if (!p.facts.jpeg) return std::nullopt;
    char name[32];
    std::snprintf(name, sizeof name, "%08x (quality %d)", static_cast<unsigned>(p.facts.jpeg->tables >> 32),
                  p.facts.jpeg->quality);
    return name;
  });
  return all;
}

/// Two-sided, of a standard normal number.
double p_value(const RankSum& ranks) { return std::erfc(std::abs(ranks.auc - 0.5) / ranks.deviation / std::sqrt(2)); }

}  // namespace

std::optional<RankSum> rank_sum(const std::vector<double>& real, const std::vector<double>& fake) {
  if (real.empty() || fake.empty()) return std::nullopt;
  std::vector<std::pair<double, bool>> all;
  for (const double value : real) all.emplace_back(value, false);
  for (const double value : fake) all.emplace_back(value, true);
  std::ranges::sort(all);
  double wins = 0, ties = 0, below = 0;
  for (std::size_t i = 0; i < all.size();) {
    double reals = 0, fakes = 0;
    for (const double value = all[i].first; i < all.size() && all[i].first == value; ++i)
      ++(all[i].second ? fakes : reals);
    wins += fakes * (below + reals / 2);
    below += reals;
    const double tied = reals + fakes;
    ties += tied * tied * tied - tied;
  }
  const auto n0 = static_cast<double>(real.size()), n1 = static_cast<double>(fake.size()), n = n0 + n1;
  const double variance = (n + 1 - ties / (n * (n - 1))) / (12 * n0 * n1);
  if (variance < 1e-12) return std::nullopt;
  return RankSum{wins / (n0 * n1), std::sqrt(variance)};
}

std::vector<Leak> leaks(const std::vector<Picture>& pictures) {
  std::map<std::string, std::vector<const Picture*>> sets;
  for (const Picture& picture : pictures) sets[picture.dataset].push_back(&picture);
  std::vector<std::pair<std::string, std::vector<const Picture*>>> parts(sets.begin(), sets.end());
  if (parts.size() > 1) {
    parts.emplace_back("all data sets", std::vector<const Picture*>());
    for (const Picture& picture : pictures) parts.back().second.push_back(&picture);
  }
  std::vector<Leak> found;
  std::vector<double> p_values;
  for (const auto& [name, members] : parts)
    for (const Measure& measure : measures(members)) {
      std::vector<double> real, fake;
      for (const Picture* picture : members)
        if (const auto value = measure.of(*picture)) (picture->label == 1 ? fake : real).push_back(*value);
      const auto ranks = rank_sum(real, fake);
      if (!ranks) continue;
      const double half = two_sided_95 * ranks->deviation;
      found.push_back({.dataset = name,
                       .measure = measure.name,
                       .kind = measure.kind,
                       .auc = ranks->auc,
                       .low = std::max(0.0, 0.5 - half),
                       .high = std::min(1.0, 0.5 + half),
                       .real = real.size(),
                       .fake = fake.size()});
      p_values.push_back(p_value(*ranks));
    }
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i].found = p_values[i] * static_cast<double>(found.size()) < significance;
  return found;
}

std::string Leak::sentence() const {
  char numbers[96];
  std::snprintf(numbers, sizeof numbers,
                " alone tells fake from real with an AUC of %.2f, where chance gives %.2f to %.2f: ", auc, low, high);
  return dataset + ": " + measure + numbers +
         (kind == Kind::amount ? std::string("it is ") + (auc > 0.5 ? "larger" : "smaller") + " in fakes"
                               : std::string("it is ") + (auc > 0.5 ? "more frequent" : "rarer") + " among fakes");
}

}  // namespace dfpipe::datasets
