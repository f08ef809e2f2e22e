#include "testing/node_runner.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "testing/plugin_shelf.hpp"
#include "testing/run_item.hpp"

namespace dfpipe::testing {
namespace {

std::size_t port_number(const std::vector<PortSpec>& ports, const std::string& name, const char* what) {
  const auto found = std::ranges::find(ports, name, &PortSpec::name);
  if (found == ports.end()) throw std::invalid_argument(std::string("the node has no ") + what + " '" + name + "'");
  return static_cast<std::size_t>(found - ports.begin());
}

void assign(ParamSet* params, const std::string& name, ParamValue value) {
  ParamSpec* const spec = params != nullptr ? params->find(name) : nullptr;
  if (spec == nullptr) throw std::invalid_argument("there is no parameter '" + name + "'");
  // Tests write paths as plain text.
  if (const auto* text = std::get_if<std::string>(&value);
      text && std::holds_alternative<std::filesystem::path>(spec->value))
    value = std::filesystem::path(*text);
  if (const auto wrong = spec->assign(value)) throw std::invalid_argument("parameter '" + name + "': " + *wrong);
}

class Context final : public OpenContext {
 public:
  Context(std::string name, std::uint64_t seed, const std::map<std::string, Facts>& facts, std::vector<bool> inputs,
          std::vector<bool> outputs)
      : name_(std::move(name)), seed_(seed), facts_(facts), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  const std::string& name() const override { return name_; }
  std::uint64_t seed() const override { return seed_; }
  bool deterministic() const override { return true; }
  int threads() const override { return 1; }
  int device_threads() const override { return 1; }
  bool connected_input(int port) const override { return inputs_.at(static_cast<std::size_t>(port)); }
  bool connected_output(int port) const override { return outputs_.at(static_cast<std::size_t>(port)); }
  const std::map<std::string, Facts>& facts() const override { return facts_; }

 private:
  std::string name_;
  std::uint64_t seed_;
  const std::map<std::string, Facts>& facts_;
  std::vector<bool> inputs_;
  std::vector<bool> outputs_;
};

}  // namespace

bool Outputs::has(const std::string& port) const { return cell(port).has(); }

const Cell& Outputs::cell(const std::string& port) const {
  const auto found = cells.find(port);
  if (found == cells.end()) throw std::out_of_range("the node has no output '" + port + "'");
  return found->second;
}

struct NodeRunner::Impl {
  std::string name;
  std::filesystem::path plugins;
  std::unique_ptr<Node> node;
  std::vector<std::optional<Cell>> inputs;  ///< nothing: not connected
  std::vector<bool> wanted;
  std::vector<std::string> params_set;
  Attributes attributes;
  std::uint64_t seed = 0;
  std::uint64_t index = 0;
  std::map<std::string, Facts> facts;
  bool opened = false;
  bool begin_at_run = true;

  Impl(std::string its_name, std::filesystem::path folder, std::unique_ptr<Node> its_node)
      : name(std::move(its_name)),
        plugins(std::move(folder)),
        node(std::move(its_node)),
        inputs(node->inputs().size()),
        wanted(node->outputs().size(), true) {}

  void open() {
    if (node->params() != nullptr)
      for (const ParamSpec& spec : node->params()->specs())
        if (spec.help.required && std::ranges::find(params_set, spec.name) == params_set.end())
          throw std::invalid_argument("node '" + name + "' needs the parameter '" + spec.name + "'");
    std::vector<bool> connected;
    for (const auto& input : inputs) connected.push_back(input.has_value());
    Context context(name, seed, facts, std::move(connected), wanted);
    node->open(context);
    opened = true;
  }

  void ready() {
    if (!opened) open();
    if (begin_at_run) node->begin(Checkpoint{});
    begin_at_run = false;
  }

  RunItem item(std::uint64_t its_index) const {
    std::vector<Cell> cells;
    for (const auto& input : inputs) cells.push_back(input.value_or(Cell()));
    return RunItem(name, std::move(cells), wanted, ItemKey{its_index, {}}, attributes, seed);
  }

  /// Why the engine would not call the node, or null.
  ReasonPtr missing() const {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const PortSpec& port = node->inputs()[i];
      if (port.optional) continue;
      if (!inputs[i])
        throw std::logic_error("node '" + name + "': the test gave nothing to the required input '" + port.name + "'");
      if (!inputs[i]->has() && !node->is_sink()) return inputs[i]->why();
    }
    return nullptr;
  }

  Outputs take(RunItem& item, const ReasonPtr& why) const {
    item.fill(why ? why : reason(Reason::Kind::absent, "absent", "the node gave no value"));
    Outputs out;
    out.attributes = item.attributes();
    for (std::size_t i = 0; i < node->outputs().size(); ++i) out.cells[node->outputs()[i].name] = item.outputs()[i];
    return out;
  }

  ReasonPtr reason(Reason::Kind kind, std::string code, std::string message) const {
    return std::make_shared<const Reason>(Reason{kind, name, std::move(code), std::move(message)});
  }
};

NodeRunner::NodeRunner(const std::string& type, const std::filesystem::path& plugins) {
  const std::filesystem::path folder = plugins.empty() ? std::filesystem::path(DFPIPE_BUILT_PLUGINS) : plugins;
  impl_ = std::make_unique<Impl>(type, folder, find_node(type, folder).make());
}
NodeRunner::NodeRunner(std::unique_ptr<Node> node)
    : impl_(std::make_unique<Impl>("node", DFPIPE_BUILT_PLUGINS, std::move(node))) {}
NodeRunner::~NodeRunner() = default;
NodeRunner::NodeRunner(NodeRunner&&) noexcept = default;

NodeRunner& NodeRunner::set(const std::string& param, ParamValue value) {
  assign(impl_->node->params(), param, std::move(value));
  impl_->params_set.push_back(param);
  return *this;
}

NodeRunner& NodeRunner::in_cell(const std::string& port, Cell cell) {
  const std::size_t number = port_number(impl_->node->inputs(), port, "input");
  const std::string& type = impl_->node->inputs()[number].type;
  if (cell.has() && cell.value().type().name != type)
    throw std::invalid_argument("input '" + port + "' wants " + type + ", not " +
                                std::string(cell.value().type().name));
  impl_->inputs[number] = std::move(cell);
  return *this;
}

NodeRunner& NodeRunner::in_failed(const std::string& port, const std::string& node, const std::string& message) {
  return in_cell(port, Cell(std::make_shared<const Reason>(Reason{Reason::Kind::error, node, "error", message})));
}

NodeRunner& NodeRunner::clear(const std::string& port) {
  impl_->inputs[port_number(impl_->node->inputs(), port, "input")].reset();
  return *this;
}

NodeRunner& NodeRunner::use(const std::string& name, const std::string& resource_type,
                            const std::map<std::string, ParamValue>& params) {
  std::shared_ptr<Resource> resource = find_resource(resource_type, impl_->plugins).make();
  for (const auto& [param, value] : params) assign(&resource->params(), param, value);
  Context context(name, impl_->seed, impl_->facts, {}, {});
  resource->open(context);
  return use(name, std::move(resource));
}

NodeRunner& NodeRunner::use(const std::string& name, std::shared_ptr<Resource> resource) {
  const std::vector<UseSpec>& uses = impl_->node->uses();
  const auto found = std::ranges::find(uses, name, &UseSpec::name);
  if (found == uses.end()) throw std::invalid_argument("the node uses no resource called '" + name + "'");
  impl_->facts.try_emplace(name, resource->facts());
  impl_->node->bind_resource(static_cast<int>(found - uses.begin()), std::move(resource));
  return *this;
}

NodeRunner& NodeRunner::wanted(const std::string& output, bool is_wanted) {
  impl_->wanted[port_number(impl_->node->outputs(), output, "output")] = is_wanted;
  return *this;
}

NodeRunner& NodeRunner::attributes(Attributes attributes) {
  impl_->attributes = attributes;
  return *this;
}

NodeRunner& NodeRunner::seed(std::uint64_t seed) {
  impl_->seed = seed;
  return *this;
}

NodeRunner& NodeRunner::index(std::uint64_t root_index) {
  impl_->index = root_index;
  return *this;
}

NodeRunner& NodeRunner::facts(std::map<std::string, Facts> facts) {
  for (auto& [name, its_facts] : facts) impl_->facts[name] = std::move(its_facts);
  return *this;
}

NodeRunner& NodeRunner::open() {
  impl_->open();
  impl_->begin_at_run = false;
  return *this;
}

Outputs NodeRunner::run() {
  const ReasonPtr why = impl_->missing();
  impl_->ready();
  RunItem item = impl_->item(impl_->index);
  if (!why) impl_->node->process(item);
  return impl_->take(item, why);
}

std::vector<Outputs> NodeRunner::run_source() {
  auto* const source = dynamic_cast<Source*>(impl_->node.get());
  if (source == nullptr) throw std::logic_error("node '" + impl_->name + "' is no source");
  impl_->ready();
  std::vector<Outputs> all;
  for (;;) {
    RunItem item = impl_->item(impl_->index + all.size());
    ReasonPtr why;
    try {
      if (!source->next(item, std::stop_token())) return all;
    } catch (const Error& e) {
      why = impl_->reason(Reason::Kind::error, e.code(), e.what());
    }
    Outputs out = impl_->take(item, why);
    if (why) out.cells["error"] = Cell(why);
    all.push_back(std::move(out));
  }
}

void NodeRunner::close(Outcome outcome) {
  impl_->ready();
  impl_->node->close(outcome);
}

Node& NodeRunner::node() { return *impl_->node; }

}  // namespace dfpipe::testing
