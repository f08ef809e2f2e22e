#include <nlohmann/json.hpp>
#include <string_view>

#include "plan/plan.hpp"
#include "registry/lane_name.hpp"

namespace dfpipe::plan {
namespace {

using engine::Edge;
using engine::Graph;
using engine::NodeSpec;
using Json = nlohmann::ordered_json;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

std::string_view lane_name(const NodeSpec& node) {
  return node.node ? registry::lane_name(node.node->info().lane) : std::string_view("scope");
}

bool is_source(const NodeSpec& node) { return dynamic_cast<const Source*>(node.node.get()) != nullptr; }

/// Without what its box says already: "judge/clip" of "per-face/judge/clip".
std::string short_name(const Graph& graph, const NodeSpec& node) {
  const int opener = graph.scopes[index(node.scope)].foreach_node;
  return opener < 0 ? node.name : node.name.substr(graph.nodes[index(opener)].name.size() + 1);
}

/// An arrow of the drawing: who gives what to whom.
struct Arrow {
  int from = -1;
  int to = -1;
  int port = 0;  ///< the producer's output
  std::string label;
  std::string type;
  std::string to_port;
  bool gathers = false;  ///< a result of an inner scope, collected by its foreach
  bool element = false;  ///< an element of a foreach's list, handed in
};

std::string output_name(const Graph& graph, const Edge& edge) {
  const NodeSpec& producer = graph.nodes[index(edge.index)];
  if (producer.node) return producer.node->outputs()[index(edge.port)].name;
  const Edge& gathered = producer.gathers[index(edge.port)];
  return gathered.from == Edge::From::node ? output_name(graph, gathered) : "element";
}

std::string output_type(const Graph& graph, const Edge& edge) {
  const NodeSpec& producer = graph.nodes[index(edge.index)];
  if (producer.node) return producer.node->outputs()[index(edge.port)].type;
  return "list<" + producer.gather_types[index(edge.port)] + ">";
}

Arrow arrow_to(const Graph& graph, const Edge& edge, int reader, const std::string& port) {
  const NodeSpec& node = graph.nodes[index(reader)];
  Arrow arrow;
  arrow.to = reader;
  arrow.to_port = port;
  if (edge.from == Edge::From::node) {
    arrow.from = edge.index;
    arrow.port = edge.port;
    arrow.label = output_name(graph, edge);
    arrow.type = output_type(graph, edge);
    return arrow;
  }
  arrow.element = true;
  arrow.from = graph.scopes[index(node.scope)].foreach_node;
  const Edge& list = graph.nodes[index(arrow.from)].inputs[index(edge.index)];
  if (list.from == Edge::From::node) {
    arrow.type = std::string(element_type(output_type(graph, list)));
    arrow.label = arrow.type;
  }
  return arrow;
}

std::vector<Arrow> arrows_of(const Graph& graph) {
  std::vector<Arrow> arrows;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const NodeSpec& node = graph.nodes[i];
    const int id = static_cast<int>(i);
    for (std::size_t port = 0; port < node.inputs.size(); ++port) {
      if (node.inputs[port].from == Edge::From::nothing) continue;
      const std::string name = node.node ? node.node->inputs()[port].name : "foreach";
      arrows.push_back(arrow_to(graph, node.inputs[port], id, name));
    }
    for (std::size_t out = 0; out < node.gathers.size(); ++out) {
      if (node.gathers[out].from != Edge::From::node) continue;
      Arrow arrow = arrow_to(graph, node.gathers[out], id, "gather");
      arrow.type = node.gather_types[out];
      arrow.gathers = true;
      arrows.push_back(std::move(arrow));
    }
  }
  return arrows;
}

/// For the eye: what is read of a foreach is drawn from the node inside that makes it, so that results leave the box.
std::vector<Arrow> drawn_arrows(const Graph& graph) {
  std::vector<Arrow> arrows;
  for (Arrow& arrow : arrows_of(graph)) {
    if (arrow.gathers) continue;
    if (!arrow.element) {
      while (graph.nodes[index(arrow.from)].is_foreach()) {
        const Edge& gathered = graph.nodes[index(arrow.from)].gathers[index(arrow.port)];
        if (gathered.from != Edge::From::node) break;
        arrow.from = gathered.index;
        arrow.port = gathered.port;
        arrow.gathers = true;
      }
    }
    arrows.push_back(std::move(arrow));
  }
  return arrows;
}

std::string escaped(const std::string& text, std::string_view special, std::string_view with) {
  std::string out;
  for (char c : text) {
    if (special.find(c) != std::string_view::npos) {
      out += with;
      if (with == "\\") out += c;
    } else {
      out += c == '\n' ? ' ' : c;
    }
  }
  return out;
}

std::string dot_text(const std::string& text) { return "\"" + escaped(text, "\"\\", "\\") + "\""; }

class DotWriter {
 public:
  explicit DotWriter(const Graph& graph) : graph_(graph) {}

  std::string write() {
    out_ = "digraph " + dot_text(graph_.name) + " {\n  rankdir=TB;\n";
    out_ += "  node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"rounded,filled\", fillcolor=white];\n";
    out_ += "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#555555\"];\n";
    scope(0, "  ");
    for (const Arrow& arrow : drawn_arrows(graph_)) {
      out_ += "  n" + std::to_string(arrow.from) + " -> n" + std::to_string(arrow.to) +
              " [label=" + dot_text(arrow.label) + ", tooltip=" + dot_text(arrow.type);
      if (arrow.gathers || arrow.element) out_ += ", style=dashed";
      out_ += "];\n";
    }
    return out_ + "}\n";
  }

 private:
  void scope(int number, const std::string& indent) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const NodeSpec& spec = graph_.nodes[i];
      if (spec.scope != number) continue;
      node(spec, i, indent);
      if (!spec.is_foreach()) continue;
      out_ += indent + "subgraph cluster_" + std::to_string(spec.child_scope) + " {\n";
      out_ += indent +
              "  label=" + dot_text(short_name(graph_, spec) + ": each, at most " + std::to_string(spec.max_live)) +
              ";\n";
      out_ += indent + "  style=\"rounded,dashed\"; color=\"#8888aa\"; fontname=\"Helvetica\"; fontsize=10;\n";
      scope(spec.child_scope, indent + "  ");
      out_ += indent + "}\n";
    }
  }

  void node(const NodeSpec& spec, std::size_t i, const std::string& indent) {
    const std::string label =
        escaped(short_name(graph_, spec), "\"\\", "\\") + "\\n" + escaped(spec.type, "\"\\", "\\");
    out_ += indent + "n" + std::to_string(i) + " [label=\"" + label + "\", " + style(spec) + "];\n";
  }

  static std::string style(const NodeSpec& spec) {
    if (!spec.enabled) return "style=\"rounded,dotted\", fontcolor=\"#999999\"";
    if (spec.is_foreach()) return "shape=trapezium, fillcolor=\"#eeeef8\"";
    if (is_source(spec)) return "shape=cds, fillcolor=\"#e6f4e6\"";
    if (lane_name(spec) == "device") return "fillcolor=\"#fde9d0\", penwidth=1.6";
    if (lane_name(spec) == "blocking") return "fillcolor=\"#e4eefb\"";
    return "fillcolor=\"#ffffff\"";
  }

  const Graph& graph_;
  std::string out_;
};

class MermaidWriter {
 public:
  explicit MermaidWriter(const Graph& graph) : graph_(graph) {}

  std::string write() {
    out_ = "flowchart TB\n";
    scope(0, "  ");
    for (const Arrow& arrow : drawn_arrows(graph_)) {
      const bool dashed = arrow.gathers || arrow.element;
      out_ += "  n" + std::to_string(arrow.from) + (dashed ? " -. \"" : " -- \"") + text(arrow.label) +
              (dashed ? "\" .-> n" : "\" --> n") + std::to_string(arrow.to) + "\n";
    }
    out_ += "  classDef source fill:#e6f4e6,stroke:#4c8a4c\n  classDef blocking fill:#e4eefb,stroke:#4c6f9c\n";
    out_ +=
        "  classDef device fill:#fde9d0,stroke:#b0762a,stroke-width:2px\n  classDef cpu fill:#ffffff,stroke:#888888\n";
    out_ += "  classDef scope fill:#eeeef8,stroke:#8888aa\n  classDef off fill:#ffffff,stroke:#bbbbbb,color:#999999\n";
    return out_;
  }

 private:
  static std::string text(const std::string& label) { return escaped(escaped(label, "\"", "#quot;"), "<>", ""); }

  void scope(int number, const std::string& indent) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const NodeSpec& spec = graph_.nodes[i];
      if (spec.scope != number) continue;
      const std::string id = "n" + std::to_string(i);
      const std::string label = "\"<b>" + text(short_name(graph_, spec)) + "</b><br/>" + text(spec.type) + "\"";
      const std::string style = !spec.enabled ? "off" : is_source(spec) ? "source" : std::string(lane_name(spec));
      out_ += indent + id + (is_source(spec) ? "([" + label + "])" : "[" + label + "]") + ":::" + style + "\n";
      if (!spec.is_foreach()) continue;
      out_ += indent + "subgraph s" + std::to_string(spec.child_scope) + "[\"each of " +
              text(short_name(graph_, spec)) + "\"]\n";
      scope(spec.child_scope, indent + "  ");
      out_ += indent + "end\n";
    }
  }

  const Graph& graph_;
  std::string out_;
};

Json ports_of(const std::vector<PortSpec>& ports) {
  Json all = Json::array();
  for (const PortSpec& port : ports)
    all.push_back({{"name", port.name}, {"type", port.type}, {"about", port.about}, {"optional", port.optional}});
  return all;
}

Json json_of(const Graph& graph, const NodeSpec& spec, std::size_t id) {
  Json node{{"id", id},
            {"name", spec.name},
            {"label", short_name(graph, spec)},
            {"type", spec.type},
            {"scope", spec.scope},
            {"enabled", spec.enabled},
            {"lane", lane_name(spec)}};
  if (spec.is_foreach()) {
    node["opens"] = spec.child_scope;
    node["max_live"] = spec.max_live;
    return node;
  }
  const NodeInfo& info = spec.node->info();
  node["about"] = info.about;
  node["source"] = is_source(spec);
  node["sink"] = spec.node->is_sink();
  node["ordered"] = info.ordered;
  node["stateful"] = info.stateful;
  node["batch_max"] = info.batched ? Json(spec.batch_max) : Json(nullptr);
  node["inputs"] = ports_of(spec.node->inputs());
  node["outputs"] = ports_of(spec.node->outputs());
  return node;
}

std::string json_text(const Graph& graph) {
  Json out{{"name", graph.name}, {"credits", graph.credits}, {"window", graph.window}};
  out["scopes"] = Json::array();
  for (std::size_t i = 0; i < graph.scopes.size(); ++i)
    out["scopes"].push_back({{"id", i}, {"parent", graph.scopes[i].parent}, {"foreach", graph.scopes[i].foreach_node}});
  out["nodes"] = Json::array();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) out["nodes"].push_back(json_of(graph, graph.nodes[i], i));
  out["edges"] = Json::array();
  for (const Arrow& arrow : arrows_of(graph)) {
    const char* kind = arrow.gathers ? "gather" : arrow.element ? "element" : "value";
    out["edges"].push_back({{"from", arrow.from},
                            {"to", arrow.to},
                            {"port", arrow.label},
                            {"input", arrow.to_port},
                            {"type", arrow.type},
                            {"kind", kind}});
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string draw(const Graph& graph, GraphFormat format) {
  switch (format) {
    case GraphFormat::dot:
      return DotWriter(graph).write();
    case GraphFormat::mermaid:
      return MermaidWriter(graph).write();
    case GraphFormat::json:
      break;
  }
  return json_text(graph);
}

}  // namespace dfpipe::plan
