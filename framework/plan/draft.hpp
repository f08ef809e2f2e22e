#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/document.hpp"
#include "config/settings.hpp"
#include "config/tree.hpp"
#include "config/variables.hpp"
#include "dfpipe/node.hpp"
#include "engine/graph.hpp"
#include "registry/registry.hpp"

/// The pipeline while it is being checked: names still known, places still attached.
namespace dfpipe::plan {

using config::Origin;
using config::Tree;

struct Draft;
struct Group;
struct Frame;

/// What an edge turned out to be.
struct Wire {
  enum class From { nothing, broken, node, element };
  From from = From::nothing;
  Draft* node = nullptr;  ///< the producer; for an element the foreach that gives it
  int port = 0;           ///< the producer's output, or the number of the element
  std::string type;
};

/// A name that stands for a value elsewhere. Resolved once, on first use.
struct Alias {
  std::string name;
  Origin at;
  Tree ref;                 ///< "node.port" or a bare name
  std::string wanted_type;  ///< a part's declaration; empty: any
  Origin wanted_at;
  enum class State { open, visiting, done } state = State::open;
  Wire wire;
};

struct ResourceDraft {
  std::string name;
  Origin at;
  std::string type;
  std::shared_ptr<Resource> resource;  ///< null: not understood, and reported
  std::map<std::string, std::string> origins;
  bool used = false;
};

/// A stage, or a foreach as the engine sees it.
struct Draft {
  std::string name;
  std::string full;
  Origin at;
  Frame* frame = nullptr;
  int scope = 0;
  std::string type;
  std::unique_ptr<Node> node;  ///< null: a foreach, or a type that is not known
  bool enabled = true;
  std::vector<Alias> inputs;                              ///< per input port; for a foreach per element
  std::vector<std::pair<std::string, std::string>> uses;  ///< as written
  std::vector<const ResourceDraft*> resources;            ///< what they turned out to be
  engine::OnError on_error;
  int concurrency = 0;
  std::int64_t batch_max = 1;
  std::chrono::microseconds batch_wait{0};
  std::map<std::string, std::string> origins;  ///< "with.padding" -> "from predict.yaml:12"; absent: a default
  std::map<std::string, Origin> places;        ///< of engine keys, for messages
  Group* group = nullptr;                      ///< foreach only
  int number = -1;                             ///< place in the graph

  bool is_foreach() const noexcept { return group != nullptr; }
  bool is_source() const { return dynamic_cast<Source*>(node.get()) != nullptr; }
};

/// The names visible at one place.
struct Frame {
  Frame* lexical = nullptr;  ///< nodes written in place also see the names around them; a part does not
  Group* group = nullptr;
  int scope = 0;
  std::string prefix;
  bool enabled = true;

  struct Member {
    Draft* draft = nullptr;
    Group* group = nullptr;  ///< a part or foreach; `draft` is then its foreach, or null
  };
  std::vector<std::pair<std::string, Member>> members;  ///< in file order
  std::set<std::string> refused;                        ///< names that exist but were not understood
  std::map<std::string, ResourceDraft*> resources;
  std::set<std::string> refused_resources;

  const Member* member(const std::string& name) const;
};

/// A part in use, or nodes written in place; with or without foreach.
struct Group {
  std::string name;
  std::string full;
  Origin at;
  Draft* foreach = nullptr;
  int child_scope = -1;
  Frame* outside = nullptr;
  Frame* inside = nullptr;
  std::vector<Alias> inputs;   ///< `in:`, resolved outside
  std::vector<Alias> outputs;  ///< resolved inside
  std::vector<std::pair<std::string, std::string>> uses;
  std::string part;  ///< the file, or empty
  std::string part_name;
  std::map<std::string, std::string> origins;
  std::map<std::string, Origin> places;
  std::set<std::string> refused_inputs;
  bool enabled = true;
  std::optional<std::int64_t> max_live;
};

struct RunSettings {
  std::optional<std::int64_t> credits;
  std::optional<std::int64_t> window;
  std::optional<std::int64_t> device_threads;
  std::uint64_t seed = 0;
  bool deterministic = false;
  std::map<std::string, std::string> origins;
  std::map<std::string, Origin> places;
};

struct Scope {
  int parent = -1;
  Draft* foreach = nullptr;
};

/// Everything about one pipeline.
struct Model {
  Model(const registry::Registry& r, config::Reporter& rep) : registry(r), report(rep), parts(rep) {}

  const registry::Registry& registry;
  config::Reporter& report;
  config::Parts parts;
  std::string name;
  Origin top;       ///< the file
  Origin nodes_at;  ///< key `nodes`
  config::Variables variables;
  RunSettings run;
  std::vector<std::unique_ptr<ResourceDraft>> resources;
  std::vector<std::unique_ptr<Frame>> frames;  ///< the first is the pipeline's
  std::vector<std::unique_ptr<Group>> groups;
  std::vector<std::unique_ptr<Draft>> drafts;  ///< in file order; in the graph's order once that is known
  std::vector<Scope> scopes;
  bool unknown_types = false;  ///< some node has no known type: counting nodes is pointless

  Draft* add_draft(Frame& frame, const std::string& name, const Origin& at);
  Frame* add_frame(Frame* lexical, Group* group, int scope, std::string prefix);
};

/// "from pipelines/predict.yaml:12", "--set", with the parameter a value came through.
std::string origin_text(const Tree& value);

}  // namespace dfpipe::plan
