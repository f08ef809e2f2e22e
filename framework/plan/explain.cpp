#include "plan/explain.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "config/paths.hpp"
#include "plan/yaml_writer.hpp"
#include "registry/lane_name.hpp"

namespace dfpipe::plan {
namespace {

using Origins = std::map<std::string, std::string>;

std::string origin(const Origins& origins, const std::string& key, const std::string& otherwise = "default") {
  const auto found = origins.find(key);
  return found != origins.end() ? found->second : otherwise;
}

class Explainer {
 public:
  Explainer(const Model& model, const Limits& limits, bool comments) : model_(model), limits_(limits), out_(comments) {}

  std::string write() {
    out_.line("pipeline", yaml_name(model_.name));
    if (out_.comments() && model_.top.source)
      out_.comment("relative paths belong to " + config::absolute_path(model_.top.source->root / ".").string());
    write_run();
    if (out_.comments()) write_params();
    write_resources();
    out_.open("nodes");
    write_members(*model_.frames.front());
    out_.close();
    return out_.text();
  }

 private:
  void write_run() {
    const Origins& origins = model_.run.origins;
    out_.open("run");
    out_.line("credits", std::to_string(limits_.credits), origin(origins, "credits"));
    out_.line("window", std::to_string(limits_.window), origin(origins, "window"));
    out_.line("seed", std::to_string(model_.run.seed), origin(origins, "seed"));
    out_.line("deterministic", model_.run.deterministic ? "true" : "false", origin(origins, "deterministic"));
    // Otherwise it says how fast, not what: a run may be resumed with another number.
    if (model_.run.device_threads && (model_.run.deterministic || out_.comments()))
      out_.line("device_threads", std::to_string(*model_.run.device_threads),
                origin(origins, "device_threads", "default of a deterministic run"));
    out_.close();
  }

  void write_params() {
    if (model_.variables.all().empty()) return;
    out_.open("params");
    for (const config::Variable& v : model_.variables.all()) {
      Tree from = v.value;
      from.param.clear();
      std::string type(v.spec.type());
      if (type == "choice") {
        type += ", choices: [";
        for (const std::string& c : v.spec.help.choices) type += (type.back() == '[' ? "" : ", ") + yaml_text(c);
        type += "]";
      }
      out_.line(v.spec.name, "{type: " + type + ", default: " + yaml_value(v.spec.value, false) + "}",
                origin_text(from));
    }
    out_.close();
  }

  void write_resources() {
    if (model_.resources.empty()) return;
    out_.open("resources");
    std::vector<const ResourceDraft*> sorted;
    for (const auto& resource : model_.resources) sorted.push_back(resource.get());
    std::ranges::sort(sorted, {}, &ResourceDraft::name);
    for (const ResourceDraft* resource : sorted) {
      out_.open(resource->name);
      out_.line("type", resource->type, origin(resource->origins, "type"));
      write_with(&resource->resource->params(), resource->origins, resource->type);
      out_.close();
    }
    out_.close();
  }

  void write_with(ParamSet* params, const Origins& origins, const std::string& type) {
    if (params == nullptr || params->specs().empty()) return;
    out_.open("with");
    for (const ParamSpec& spec : params->specs())
      out_.line(spec.name, yaml_value(spec.value, !out_.comments()),
                origin(origins, "with." + spec.name, "default of " + type));
    out_.close();
  }

  /// Members in the graph's order: a part stands where its first node stands.
  void write_members(const Frame& frame) {
    std::vector<std::pair<int, const std::pair<std::string, Frame::Member>*>> sorted;
    for (const auto& member : frame.members) sorted.emplace_back(first_number(member.second), &member);
    std::ranges::sort(sorted, {}, [](const auto& entry) { return std::pair(entry.first, entry.second->first); });
    for (const auto& [number, member] : sorted) {
      out_.open(member->first);
      if (member->second.group != nullptr) {
        write_group(*member->second.group);
      } else {
        write_stage(*member->second.draft);
      }
      out_.close();
    }
  }

  static int first_number(const Frame::Member& member) {
    if (member.draft != nullptr) return member.draft->number;
    int first = std::numeric_limits<int>::max();
    for (const auto& [name, inner] : member.group->inside->members) first = std::min(first, first_number(inner));
    return first;
  }

  void write_refs(const char* key, const std::vector<Alias>& aliases, const Origins& origins) {
    if (std::ranges::none_of(aliases, [](const Alias& a) { return a.ref.is_scalar(); })) return;
    out_.open(key);
    for (const Alias& alias : aliases)
      if (alias.ref.is_scalar())
        out_.line(alias.name, yaml_name(alias.ref.text), origin(origins, std::string(key) + "." + alias.name));
    out_.close();
  }

  void write_uses(const std::vector<std::pair<std::string, std::string>>& uses, const Origins& origins) {
    if (uses.empty()) return;
    auto sorted = uses;
    std::ranges::sort(sorted);
    out_.open("use");
    for (const auto& [name, resource] : sorted) out_.line(name, yaml_name(resource), origin(origins, "use." + name));
    out_.close();
  }

  void write_stage(const Draft& draft) {
    const Origins& origins = draft.origins;
    out_.line("type", draft.type, origin(origins, "type"));
    if (!draft.enabled) out_.line("enabled", "false", origin(origins, "enabled", "the part is disabled"));
    write_with(draft.node->params(), origins, draft.type);
    write_refs("in", draft.inputs, origins);
    write_uses(draft.uses, origins);
    write_on_error(draft);
    if (draft.concurrency > 0)
      out_.line("concurrency", std::to_string(draft.concurrency), origin(origins, "concurrency"));
    if (!draft.node->info().batched) return;
    out_.open("batch");
    out_.line("max", std::to_string(draft.batch_max), origin(origins, "batch.max", "default of " + draft.type));
    out_.line("wait", std::to_string(draft.batch_wait.count()) + "us", origin(origins, "batch.wait"));
    out_.close();
  }

  void write_on_error(const Draft& draft) {
    using Action = engine::OnError::Action;
    const engine::OnError& policy = draft.on_error;
    if (policy.action == Action::fail) out_.line("on_error", "fail", origin(draft.origins, "on_error"));
    if (policy.action != Action::retry) return;
    out_.line(
        "on_error",
        "{retry: " + std::to_string(policy.retries) + ", backoff: " + std::to_string(policy.backoff.count()) + "ms}",
        origin(draft.origins, "on_error"));
  }

  void write_group(const Group& group) {
    if (group.foreach != nullptr) write_refs("foreach", group.foreach->inputs, group.origins);
    if (!group.enabled) out_.line("enabled", "false", origin(group.origins, "enabled", "the part is disabled"));
    write_refs("in", group.inputs, group.origins);
    write_uses(group.uses, group.origins);
    if (group.foreach != nullptr)
      out_.line("max_live", std::to_string(limits_.max_live.at(group.foreach)), origin(group.origins, "max_live"));
    out_.open("nodes", origin(group.origins, "part", ""));
    write_members(*group.inside);
    out_.close();
    write_refs("out", group.outputs, group.origins);
  }

  const Model& model_;
  const Limits& limits_;
  YamlWriter out_;
};

std::string in_bytes(double bytes) {
  static constexpr std::string_view units[] = {"bytes", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < std::size(units)) bytes /= 1000, ++unit;
  const auto tenths = static_cast<std::int64_t>(bytes * 10 + 0.5);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + " " + std::string(units[unit]);
}

std::string lane_note(const Model& model, Lane lane) {
  std::string nodes;
  std::size_t count = 0;
  for (const auto& draft : model.drafts) {
    if (!draft->enabled || !draft->node || draft->is_source() || draft->node->info().lane != lane) continue;
    ++count;
    nodes += (nodes.empty() ? "" : ", ") + draft->full;
  }
  if (count == 0) return {};
  return "lane " + std::string(registry::lane_name(lane)) + ": " + config::counted(count, "node") + ": " + nodes;
}

}  // namespace

std::string resolved_text(const Model& model, const Limits& limits) { return Explainer(model, limits, false).write(); }

std::string explained_text(const Model& model, const Limits& limits) { return Explainer(model, limits, true).write(); }

namespace {

/// A whole-number parameter that bounds what one item may hold.
std::optional<std::int64_t> limit_of(const Draft& draft, const char* param) {
  const ParamSpec* spec = draft.node && draft.node->params() ? draft.node->params()->find(param) : nullptr;
  if (spec == nullptr || !std::holds_alternative<std::int64_t>(spec->value)) return std::nullopt;
  return std::get<std::int64_t>(spec->value);
}

}  // namespace

std::vector<std::string> notes_of(const Model& model, const Limits& limits) {
  std::vector<std::string> notes;
  notes.push_back("credits: at most " + std::to_string(limits.credits) + " items alive, window " +
                  std::to_string(limits.window));
  for (const auto& draft : model.drafts) {
    if (draft->is_foreach())
      notes.push_back("slots: '" + draft->full + "' has at most " + std::to_string(limits.max_live.at(draft.get())) +
                      " children alive");
    if (draft->node && draft->node->info().batched)
      notes.push_back("batches: '" + draft->full + "' takes up to " + std::to_string(draft->batch_max) +
                      " items a call");
    const auto at_most = [&](const std::string& what, std::int64_t most, const std::string& unit, double bytes) {
      notes.push_back("memory: " + what + " of '" + draft->full + "' take at most " + std::to_string(limits.credits) +
                      " credits x " + std::to_string(most) + " " + unit + " = " +
                      in_bytes(static_cast<double>(limits.credits) * static_cast<double>(most) * bytes));
    };
    if (const auto most = limit_of(*draft, "max_bytes")) at_most("files", *most, "bytes", 1);
    if (const auto most = limit_of(*draft, "max_pixels")) at_most("pictures", *most, "pixels x 3 bytes", 3);
  }
  for (const Lane lane : {Lane::cpu, Lane::blocking, Lane::device})
    if (std::string note = lane_note(model, lane); !note.empty()) notes.push_back(std::move(note));
  return notes;
}

}  // namespace dfpipe::plan
