#include <algorithm>
#include <utility>

#include "config/scalars.hpp"
#include "plan/expand.hpp"

/// One node: its type, parameters, inputs by name, resources and the engine's keys.
namespace dfpipe::plan {

using config::Entry;
using config::Reporter;

namespace {

constexpr std::int64_t most_retries = 1'000'000;

class StageReader {
 public:
  StageReader(Model& model, Frame& frame, const Entry& entry)
      : model_(model), report_(model.report), frame_(frame), entry_(entry), owner_("node '" + entry.key + "'") {}

  void read() {
    const Tree& tree = entry_.value;
    config::check_keys(tree, {"type", "with", "in", "use", "on_error", "batch", "concurrency", "enabled"}, owner_,
                       report_);
    draft_ = model_.add_draft(frame_, entry_.key, entry_.key_at);
    draft_->enabled = frame_.enabled && read_enabled(tree, owner_, report_);
    if (const Tree* enabled = tree.find("enabled")) note("enabled", *enabled);
    if (const registry::NodeType* type = find_type()) {
      frame_.members.push_back({entry_.key, {draft_, nullptr}});
      draft_->type = type->type;
      draft_->node = type->make();
      note("type", *tree.find("type"));
      assign_params(draft_->node->params(), tree.find("with"), owner_, draft_->type, entry_.key_at, draft_->origins,
                    report_);
      read_inputs();
      read_uses();
    } else {
      model_.unknown_types = true;
      frame_.refused.insert(entry_.key);
      read_without_type();
    }
    read_on_error();
    read_batch();
    read_concurrency();
  }

 private:
  void note(const std::string& key, const Tree& value) {
    draft_->origins[key] = origin_text(value);
    draft_->places[key] = value.at;
  }

  const registry::NodeType* find_type() {
    const Tree* tree = entry_.value.find("type");
    if (tree == nullptr) {
      report_.error(entry_.key_at, owner_ + " has no 'type'", "add type: …, or part: … to use a part");
      return nullptr;
    }
    if (tree->broken) return nullptr;
    const registry::NodeType* type = tree->is_scalar() ? model_.registry.node(tree->text) : nullptr;
    if (type != nullptr) return type;
    if (!tree->is_scalar()) {
      report_.error(tree->at, owner_ + ": 'type' wants the name of a node type, not " + std::string(tree->what()));
      return nullptr;
    }
    std::vector<std::string> names;
    for (const auto& [name, known] : model_.registry.nodes()) names.push_back(name);
    std::string hint = config::suggestion(tree->text, names);
    if (hint.empty())
      hint = model_.registry.resource(tree->text) != nullptr ? "it is a type of resource: see 'resources:'"
                                                             : "dfpipe inspect lists all types";
    report_.error(tree->at, owner_ + ": unknown type '" + tree->text + "'", std::move(hint));
    return nullptr;
  }

  /// What can be wrong whatever the type is.
  void read_without_type() {
    named_entries(entry_.value.find("with"), owner_ + ": 'with'", report_);
    for (const Entry& given : named_entries(entry_.value.find("in"), owner_ + ": 'in'", report_)) {
      Alias& input = draft_->inputs.emplace_back();
      input.name = given.key;
      input.at = given.key_at;
      input.ref = given.value;
    }
    for (const Entry& given : named_entries(entry_.value.find("use"), owner_ + ": 'use'", report_))
      find_resource(model_, frame_, given.value, owner_ + ": '" + given.key + "'");
  }

  void read_inputs() {
    const auto& ports = draft_->node->inputs();
    const Tree* in = entry_.value.find("in");
    draft_->inputs.resize(ports.size());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      names.push_back(ports[i].name);
      draft_->inputs[i].name = ports[i].name;
      draft_->inputs[i].at = draft_->at;
    }
    for (const Entry& given : named_entries(in, owner_ + ": 'in'", report_)) {
      const auto port = std::ranges::find(names, given.key);
      if (port == names.end()) {
        report_.error(given.key_at, owner_ + " (" + draft_->type + ") has no input '" + given.key + "'",
                      config::suggestion_or_list(given.key, names, "it has", "it has no inputs"));
        continue;
      }
      Alias& input = draft_->inputs[static_cast<std::size_t>(port - names.begin())];
      input.at = given.key_at;
      input.ref = given.value;
      note("in." + given.key, given.value);
    }
    const bool unreadable = in != nullptr && !in->is_map() && in->kind != Tree::Kind::null;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      Alias& input = draft_->inputs[i];
      const bool given = draft_->places.contains("in." + ports[i].name);
      if (unreadable) input.ref = Tree::broken_at(draft_->at);
      if (given || unreadable || ports[i].optional) continue;
      report_.error(entry_.key_at, owner_ + ": input '" + ports[i].name + "' (" + ports[i].type + ") is not connected",
                    "add in: {" + ports[i].name + ": …}");
      input.ref = Tree::broken_at(draft_->at);
    }
  }

  void read_uses() {
    const auto& wanted = draft_->node->uses();
    const Tree* use = entry_.value.find("use");
    std::vector<std::string> names;
    for (const UseSpec& spec : wanted) names.push_back(spec.name);
    for (const Entry& given : named_entries(use, owner_ + ": 'use'", report_)) {
      const auto spec = std::ranges::find(wanted, given.key, &UseSpec::name);
      if (spec == wanted.end()) {
        report_.error(given.key_at, owner_ + " (" + draft_->type + ") uses no '" + given.key + "'",
                      config::suggestion_or_list(given.key, names, "it uses", "it uses no resources"));
        continue;
      }
      note("use." + given.key, given.value);
      draft_->uses.emplace_back(given.key, given.value.text);
      const ResourceDraft* resource = find_resource(model_, frame_, given.value, owner_ + ": '" + given.key + "'");
      if (resource == nullptr || resource->resource == nullptr) continue;
      if (resource->type != spec->type) {
        report_.error(given.value.at, owner_ + ": '" + given.key + "' wants a resource of type " + spec->type + ", '" +
                                          given.value.text + "' is of type " + resource->type);
        continue;
      }
      draft_->node->bind_resource(static_cast<int>(spec - wanted.begin()), resource->resource);
      draft_->resources.push_back(resource);
    }
    if (use != nullptr && !use->is_map() && use->kind != Tree::Kind::null) return;
    for (const UseSpec& spec : wanted)
      if (!draft_->places.contains("use." + spec.name))
        report_.error(entry_.key_at,
                      owner_ + " (" + draft_->type + ") needs a resource '" + spec.name + "' of type " + spec.type,
                      "add use: {" + spec.name + ": …}");
  }

  void read_on_error() {
    const Tree* tree = entry_.value.find("on_error");
    if (tree == nullptr || tree->broken) return;
    note("on_error", *tree);
    using Action = engine::OnError::Action;
    engine::OnError& policy = draft_->on_error;
    if (tree->is_map()) {
      config::check_keys(*tree, {"retry", "backoff"}, owner_ + ": 'on_error'", report_);
      if (tree->find("retry") == nullptr) {
        report_.error(tree->at, owner_ + ": 'on_error' wants skip, fail or retry", "write {retry: 3, backoff: 100ms}");
        return;
      }
      if (const auto times = read_count(*tree, "retry", owner_, report_))
        policy = {Action::retry, static_cast<int>(*times)};
      read_backoff(*tree);
    } else if (tree->text == "fail") {
      policy.action = Action::fail;
    } else if (tree->text.starts_with("retry(") && tree->text.ends_with(")")) {
      const auto times = config::as_integer(Tree::scalar(tree->text.substr(6, tree->text.size() - 7), tree->at));
      if (times && *times >= 1 && *times <= most_retries) {
        policy = {Action::retry, static_cast<int>(*times)};
      } else {
        report_.error(tree->at, owner_ + ": retry wants a whole number from 1 to " + std::to_string(most_retries),
                      "write retry(3)");
      }
    } else if (tree->text != "skip") {
      report_.error(tree->at, owner_ + ": 'on_error' wants skip, fail or retry(n)",
                    config::suggestion(tree->text, {"skip", "fail", "retry(3)"}));
    }
    if (policy.action != Action::retry) return;
    if (const char* why = why_one_call_at_a_time())
      report_.error(tree->at, owner_ + ": " + draft_->type + " is " + why + ", so a call cannot be repeated: no retry");
  }

  void read_backoff(const Tree& map) {
    const Tree* tree = map.find("backoff");
    if (tree == nullptr || tree->broken) return;
    if (const auto wait = config::as_duration(*tree)) {
      draft_->on_error.backoff = std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
    } else {
      report_.error(tree->at, owner_ + ": 'backoff' wants a time of at most an hour", "write 100ms or 2s");
    }
  }

  void read_batch() {
    const bool batched = !draft_->node || draft_->node->info().batched;
    if (draft_->node && batched) draft_->batch_max = draft_->node->info().batch_max;
    const Tree* tree = entry_.value.find("batch");
    if (tree == nullptr || tree->broken) return;
    if (!batched) {
      report_.error(entry_.value.entry("batch")->key_at,
                    owner_ + ": " + draft_->type + " takes one item at a time: no batch");
      return;
    }
    if (!tree->is_map()) {
      report_.error(tree->at, owner_ + ": 'batch' wants a map, not " + std::string(tree->what()),
                    "write {max: 8, wait: 5ms}");
      return;
    }
    config::check_keys(*tree, {"max", "wait"}, owner_ + ": 'batch'", report_);
    if (const auto most = read_count(*tree, "max", owner_ + ": 'batch'", report_)) {
      draft_->batch_max = *most;
      note("batch.max", *tree->find("max"));
    }
    const Tree* wait = tree->find("wait");
    if (wait == nullptr || wait->broken) return;
    if (const auto time = config::as_duration(*wait)) {
      draft_->batch_wait = *time;
      note("batch.wait", *wait);
    } else {
      report_.error(wait->at, owner_ + ": 'wait' wants a time of at most an hour", "write 5ms or 200us");
    }
  }

  void read_concurrency() {
    const auto most = read_count(entry_.value, "concurrency", owner_, report_);
    if (!most) return;
    note("concurrency", *entry_.value.find("concurrency"));
    draft_->concurrency = static_cast<int>(*most);
    if (const char* why = why_one_call_at_a_time(); why != nullptr && *most > 1)
      report_.error(entry_.value.find("concurrency")->at,
                    owner_ + ": " + draft_->type + " is " + why + ": one call at a time");
  }

  const char* why_one_call_at_a_time() const {
    if (!draft_->node) return nullptr;
    const NodeInfo& info = draft_->node->info();
    return draft_->is_source() ? "a source" : info.ordered ? "ordered" : info.stateful ? "stateful" : nullptr;
  }

  Model& model_;
  Reporter& report_;
  Frame& frame_;
  const Entry& entry_;
  std::string owner_;
  Draft* draft_ = nullptr;
};

}  // namespace

void expand_stage(Model& model, Frame& frame, const Entry& entry) { StageReader(model, frame, entry).read(); }

}  // namespace dfpipe::plan
