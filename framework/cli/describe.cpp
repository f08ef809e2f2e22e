#include "cli/describe.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <sstream>

#include "registry/lane_name.hpp"
#include "registry/option_name.hpp"

namespace dfpipe::cli {
namespace {

std::string number_text(double v) {
  std::ostringstream out;
  out.precision(10);
  out << v;
  return out.str();
}

/// "0 … 2", "≥ 1", "" — or the choices.
std::string range_text(const ParamSpec& spec) {
  if (!spec.help.choices.empty()) {
    std::string all;
    for (const std::string& c : spec.help.choices) all += (all.empty() ? "" : ", ") + c;
    return all;
  }
  const bool low = std::isfinite(spec.help.min), high = std::isfinite(spec.help.max);
  if (low && high) return number_text(spec.help.min) + " … " + number_text(spec.help.max);
  if (low) return "≥ " + number_text(spec.help.min);
  if (high) return "≤ " + number_text(spec.help.max);
  return {};
}

struct ValueWriter {
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return number_text(v); }
  std::string operator()(const std::string& v) const { return "'" + v + "'"; }
  std::string operator()(const std::filesystem::path& v) const { return "'" + v.string() + "'"; }
  template <class T>
  std::string operator()(const std::vector<T>& v) const {
    std::string text;
    for (const T& e : v) text += (text.empty() ? "" : ", ") + (*this)(e);
    return "[" + text + "]";
  }
};

struct TypedWriter : ValueWriter {
  using ValueWriter::operator();
  std::string operator()(const std::string& v) const { return v; }
  std::string operator()(const std::filesystem::path& v) const { return v.string(); }
  template <class T>
  std::string operator()(const std::vector<T>& v) const {
    std::string text;
    for (const T& e : v) text += (text.empty() ? "" : ",") + (*this)(e);
    return text;
  }
};

std::string default_text(const ParamSpec& spec) {
  return spec.help.required ? "required" : value_text(spec.default_value);
}

/// "DIR" of a positional parameter `dir`, "FILES…" of a list.
std::string argument_name(const ParamSpec& spec) {
  std::string name = registry::option_name(spec);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name + (spec.type() == "texts" || spec.type() == "reals" ? "…" : "");
}

/// A parameter as one writes it: "with padding" in a file, "--to" on the command line.
std::string name_shown(const Described& d, const ParamSpec& spec) {
  if (!d.command) return "with " + spec.name;
  return spec.help.positional ? argument_name(spec) : registry::option_name(spec);
}

std::string traits_text(const NodeInfo& info, bool source, bool sink) {
  std::string text = std::string(registry::lane_name(info.lane)) + " lane";
  if (source) text = "source, on its own thread";
  if (sink) text += ", sink";
  if (info.batched) text += ", batched (up to " + std::to_string(info.batch_max) + " by default)";
  if (info.ordered) text += ", ordered";
  if (info.stateful) text += ", one call at a time";
  return text;
}

std::string traits_text(const Node& node) {
  return traits_text(node.info(), dynamic_cast<const Source*>(&node) != nullptr, node.is_sink());
}

std::string in_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
  return text;
}

}  // namespace

std::string value_text(const ParamValue& value) { return std::visit(ValueWriter{}, value); }
std::string typed_text(const ParamValue& value) { return std::visit(TypedWriter{}, value); }

std::string limits_text(const ParamSpec& spec) {
  const std::string range = range_text(spec);
  return range + (range.empty() || spec.help.unit.empty() ? "" : " ") + spec.help.unit;
}

std::string usage_of(const Described& command) {
  std::string text = "dfpipe " + command.type;
  bool options = false;
  if (command.params)
    for (const ParamSpec& p : command.params->specs()) {
      options = options || !p.help.positional;
      if (!p.help.positional && !p.help.required) continue;
      const std::string name = p.help.positional ? argument_name(p) : registry::option_name(p) + " …";
      text += p.help.required ? " " + name : " [" + name + "]";
    }
  return text + (options ? " [options]" : "");
}

std::string describe_text(const Described& d) {
  std::string text = d.type + (d.node ? "" : " (" + kind_of(d) + ")") + ": " + d.about + "\n  plugin " + d.plugin;
  if (d.node) text += ", " + traits_text(*d.node);
  if (d.command) text += ", " + usage_of(d);
  text += "\n";
  const auto port = [&](const char* kind, const PortSpec& p) {
    text += std::string("  ") + kind + " " + p.name + ": " + p.type + (p.optional ? ", optional" : "") + "\n      " +
            p.about + "\n";
  };
  if (d.node) {
    for (const PortSpec& p : d.node->inputs()) port("in ", p);
    for (const PortSpec& p : d.node->outputs()) port("out", p);
    for (const UseSpec& u : d.node->uses())
      text += "  use " + u.name + ": resource " + u.type + "\n      " + u.about + "\n";
  }
  if (d.params)
    for (const ParamSpec& p : d.params->specs()) {
      text += "  " + name_shown(d, p) + ": " + std::string(p.type()) + ", " + default_text(p);
      if (const std::string range = range_text(p); !range.empty()) text += "  (" + range + ")";
      if (!p.help.unit.empty()) text += " " + p.help.unit;
      text += "\n      " + p.help.about + "\n";
    }
  return text;
}

std::string describe_markdown(const Described& d) {
  std::string text = "# " + d.type + "\n\n" + d.about + "\n\nPlugin `" + d.plugin + "`";
  text += d.node      ? "; " + traits_text(*d.node) + ".\n"
          : d.command ? "; `" + usage_of(d) + "`.\n"
                      : "; a resource, made once per run.\n";
  const auto ports = [&](const char* title, const std::vector<PortSpec>& all) {
    if (all.empty()) return;
    text += "\n## " + std::string(title) + "\n\n| port | type | |\n|---|---|---|\n";
    for (const PortSpec& p : all)
      text += "| `" + p.name + "` | " + p.type + (p.optional ? ", optional" : "") + " | " + in_cell(p.about) + " |\n";
  };
  if (d.node) {
    ports("Inputs", d.node->inputs());
    ports("Outputs", d.node->outputs());
    if (!d.node->uses().empty()) text += "\n## Resources\n\n| use | type | |\n|---|---|---|\n";
    for (const UseSpec& u : d.node->uses())
      text += "| `" + u.name + "` | " + u.type + " | " + in_cell(u.about) + " |\n";
  }
  if (d.params && !d.params->specs().empty()) {
    text += std::string("\n## ") + (d.command ? "Arguments and options" : "Parameters") +
            "\n\n| name | type | default | range | |\n|---|---|---|---|---|\n";
    for (const ParamSpec& p : d.params->specs())
      text += "| `" + (d.command ? name_shown(d, p) : p.name) + "` | " + std::string(p.type()) + " | " +
              in_cell(default_text(p)) + " | " + in_cell(limits_text(p)) + " | " + in_cell(p.help.about) + " |\n";
  }
  return text;
}

}  // namespace dfpipe::cli
