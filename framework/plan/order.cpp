#include "plan/order.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace dfpipe::plan {
namespace {

struct ByName {
  bool operator()(const Draft* a, const Draft* b) const { return a->full < b->full; }
};
using Drafts = std::set<Draft*, ByName>;

/// A reader and the place where it says so.
struct Dependency {
  Draft* reader = nullptr;
  const Alias* input = nullptr;
};

/// Within one scope: a foreach stands for everything inside it.
struct Units {
  std::map<Draft*, std::map<Draft*, Dependency, ByName>, ByName> readers;  ///< producer unit -> reader unit -> why
  Drafts all;
};

class Sorter {
 public:
  explicit Sorter(Model& model) : model_(model), units_(model.scopes.size()) {
    for (const auto& draft : model.drafts) units_[static_cast<std::size_t>(draft->scope)].all.insert(draft.get());
    for (const auto& draft : model.drafts) {
      for (const Alias& input : draft->inputs) {
        if (input.wire.from != Wire::From::node) continue;
        Draft* producer = input.wire.node;
        Units& units = units_[static_cast<std::size_t>(producer->scope)];
        units.readers[producer].try_emplace(unit_in(*draft, producer->scope), Dependency{draft.get(), &input});
      }
    }
  }

  bool run() {
    for (std::size_t s = 0; s < units_.size(); ++s) report_circles(units_[s]);
    if (circular_) return false;
    emit(0);
    for (std::size_t i = 0; i < sorted_.size(); ++i) sorted_[i]->number = static_cast<int>(i);
    std::ranges::sort(model_.drafts, {}, [](const auto& draft) { return draft->number; });
    return true;
  }

 private:
  Draft* unit_in(Draft& draft, int scope) const {
    Draft* unit = &draft;
    while (unit->scope != scope) unit = model_.scopes[static_cast<std::size_t>(unit->scope)].foreach;
    return unit;
  }

  void emit(int scope) {
    Units& units = units_[static_cast<std::size_t>(scope)];
    std::map<Draft*, int> missing;
    for (const auto& [producer, readers] : units.readers)
      for (const auto& [reader, why] : readers) ++missing[reader];
    Drafts ready;
    for (Draft* unit : units.all)
      if (missing[unit] == 0) ready.insert(unit);
    while (!ready.empty()) {
      Draft* unit = *ready.begin();
      ready.erase(ready.begin());
      sorted_.push_back(unit);
      if (unit->is_foreach()) emit(unit->group->child_scope);
      for (const auto& [reader, why] : units.readers[unit])
        if (--missing[reader] == 0) ready.insert(reader);
    }
  }

  /// Depth-first search; the first way back to a unit on the path is reported and its members are left alone.
  void report_circles(Units& units) {
    enum class Mark { fresh, on_path, done };
    std::map<Draft*, Mark> marks;
    // An own stack: pipelines may be chains of thousands of nodes.
    struct Step {
      Draft* unit;
      std::map<Draft*, Dependency, ByName>::const_iterator next;
    };
    for (Draft* start : units.all) {
      if (marks[start] != Mark::fresh) continue;
      std::vector<Step> path;
      const auto enter = [&](Draft* unit) {
        marks[unit] = Mark::on_path;
        path.push_back({unit, units.readers[unit].cbegin()});
      };
      enter(start);
      while (!path.empty()) {
        Step& step = path.back();
        if (step.next == units.readers[step.unit].cend()) {
          marks[step.unit] = Mark::done;
          path.pop_back();
          continue;
        }
        const auto [reader, why] = *step.next++;
        if (marks[reader] == Mark::fresh) {
          enter(reader);
        } else if (marks[reader] == Mark::on_path) {
          std::vector<Draft*> circle;
          for (const Step& s : path) circle.push_back(s.unit);
          circle.erase(circle.begin(), std::ranges::find(circle, reader));
          report(units, circle);
        }
      }
    }
  }

  void report(Units& units, const std::vector<Draft*>& circle) {
    circular_ = true;
    if (std::ranges::any_of(circle, [&](Draft* unit) { return reported_.contains(unit); })) return;
    reported_.insert(circle.begin(), circle.end());
    std::string text;
    for (std::size_t i = 0; i < circle.size(); ++i) {
      Draft* next = circle[(i + 1) % circle.size()];
      const Draft* reader = units.readers[circle[i]].at(next).reader;
      text += circle[i]->full + " → ";
      if (reader != next) text += reader->full + " → ";
    }
    text += circle.front()->full;
    const Dependency& closing = units.readers[circle.back()].at(circle.front());
    model_.report.error(closing.input->ref.at, "the nodes go round in a circle: " + text);
  }

  Model& model_;
  std::vector<Units> units_;
  std::vector<Draft*> sorted_;
  std::set<Draft*> reported_;
  bool circular_ = false;
};

}  // namespace

bool sort_drafts(Model& model) { return Sorter(model).run(); }

}  // namespace dfpipe::plan
