#include "audit.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "data_command.hpp"

namespace dfpipe::datasets {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_shown = 20;  // of a kind; the JSON has all

std::size_t harmful(const std::vector<Duplicate>& all) {
  return static_cast<std::size_t>(std::ranges::count_if(all, &Duplicate::harmful));
}

std::string place(const Sample& entry) {
  return entry.path + " (" + entry.split + ", " + std::string(label_name(entry.label)) + ")";
}

std::string where(const Duplicate& duplicate) {
  if (duplicate.across_splits && duplicate.across_labels) return "in two splits and with two labels";
  return duplicate.across_splits ? "in two splits" : "with two labels";
}

class Text {
 public:
  explicit Text(const Audit& audit) : audit_(audit) {}

  std::string write() {
    line(datasets::counted(audit_.entries.size(), "picture") + ": " + counts_text(audit_.entries));
    for_each(audit_.damaged, "damaged files", [&](const auto& damaged) {
      line("FOUND  " + audit_.entries[damaged.first].path + ": " + damaged.second);
    });
    duplicates(audit_.exact, "equal files", "the same file");
    duplicates(audit_.near, "near duplicates", "nearly the same picture");
    for_each(audit_.groups, "groups in several splits", [&](const SplitGroup& group) {
      std::string splits;
      for (const std::string& split : group.splits) splits += (splits.empty() ? "" : ", ") + split;
      line("FOUND  " + group.dataset + ": group '" + group.group + "' is in several splits: " + splits);
    });
    for (const Leak& leak : audit_.leaks)
      if (leak.found) line("FOUND  " + leak.sentence());
    table();
    const std::size_t count = audit_.findings();
    line(count == 0 ? "nothing found" : std::to_string(count) + " found");
    return std::move(text_);
  }

 private:
  void line(const std::string& text) { text_ += text + "\n"; }

  template <class All, class Tell>
  void for_each(const All& all, const std::string& kind, Tell tell) {
    for (std::size_t i = 0; i < std::min(all.size(), most_shown); ++i) tell(all[i]);
    if (all.size() > most_shown) line("       and " + std::to_string(all.size() - most_shown) + " more: " + kind);
  }

  void duplicates(const std::vector<Duplicate>& all, const std::string& kind, const std::string& what) {
    std::vector<Duplicate> bad;
    std::ranges::copy_if(all, std::back_inserter(bad), &Duplicate::harmful);
    for_each(bad, kind, [&](const Duplicate& duplicate) {
      std::string members;
      for (const std::size_t i : duplicate.members) members += (members.empty() ? "" : ", ") + place(audit_.entries[i]);
      line("FOUND  " + what + " " + where(duplicate) + ": " + members);
    });
    if (const std::size_t rest = all.size() - bad.size(); rest > 0)
      line("       " + std::to_string(rest) + " sets of " + kind + " inside a split and class");
  }

  void table() {
    if (audit_.leaks.empty())
      return line("no measure of the files differs, or a class is missing: leaks cannot be looked for");
    line("\nmeasures of the file alone, as a score of \"fake\" (0.5 tells nothing):");
    for (const Leak& leak : audit_.leaks) {
      char row[160];
      std::snprintf(row, sizeof row, "  AUC %.2f  chance %.2f..%.2f  %s  ", leak.auc, leak.low, leak.high,
                    leak.found                                    ? "LEAK   "
                    : leak.auc < leak.low || leak.auc > leak.high ? "outside"
                                                                  : "       ");
      line(row + leak.dataset + ": " + leak.measure);
    }
  }

  const Audit& audit_;
  std::string text_;
};

Json json_of(const Audit& audit, const std::vector<Duplicate>& all) {
  Json out = Json::array();
  for (const Duplicate& duplicate : all) {
    Json paths = Json::array();
    for (const std::size_t i : duplicate.members) paths.push_back(audit.entries[i].path);
    out.push_back({{"paths", std::move(paths)},
                   {"distance", duplicate.distance},
                   {"across_splits", duplicate.across_splits},
                   {"across_labels", duplicate.across_labels}});
  }
  return out;
}

}  // namespace

std::size_t Audit::findings() const {
  return damaged.size() + harmful(exact) + harmful(near) + groups.size() +
         static_cast<std::size_t>(std::ranges::count_if(leaks, &Leak::found));
}

std::string audit_text(const Audit& audit) { return Text(audit).write(); }

std::string audit_json(const Audit& audit) {
  Json json{{"pictures", audit.entries.size()}, {"findings", audit.findings()}};
  json["counts"] = Json::array();
  for (const Cell& cell : counted(audit.entries))
    json["counts"].push_back(
        {{"dataset", cell.dataset}, {"split", cell.split}, {"real", cell.real}, {"fake", cell.fake}});
  json["damaged"] = Json::array();
  for (const auto& [entry, why] : audit.damaged)
    json["damaged"].push_back({{"path", audit.entries[entry].path}, {"error", why}});
  json["equal_files"] = json_of(audit, audit.exact);
  json["near_duplicates"] = json_of(audit, audit.near);
  json["groups_in_several_splits"] = Json::array();
  for (const SplitGroup& group : audit.groups)
    json["groups_in_several_splits"].push_back(
        {{"dataset", group.dataset}, {"group", group.group}, {"splits", group.splits}});
  json["leaks"] = Json::array();
  for (const Leak& leak : audit.leaks)
    json["leaks"].push_back({{"dataset", leak.dataset},
                             {"measure", leak.measure},
                             {"auc", leak.auc},
                             {"chance", {leak.low, leak.high}},
                             {"found", leak.found},
                             {"real", leak.real},
                             {"fake", leak.fake}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dfpipe::datasets
