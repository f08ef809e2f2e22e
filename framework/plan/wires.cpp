#include "plan/wires.hpp"

#include <algorithm>
#include <utility>

namespace dfpipe::plan {

using config::Reporter;

namespace {

Wire broken() { return {Wire::From::broken, nullptr, 0, {}}; }

/// Hands one element of a foreach on to nodes further inside, which can read the outputs of nodes only.
class ElementRelay final : public Node {
 public:
  explicit ElementRelay(const std::string& type) : Node({.about = "Hands an element on to inner scopes."}) {
    detail::add_input(*this, {"element", type, "the element", false});
    detail::add_output(*this, {"element", type, "the same", false});
  }
  void process(Item& item) override { item.output(0, item.input(0).value()); }
};

class Connector {
 public:
  explicit Connector(Model& model) : model_(model), report_(model.report) {}

  void run() {
    // Every name is followed once, read or not: a wrong one is an error even where nobody listens.
    for (const auto& draft : model_.drafts) {
      for (std::size_t i = 0; i < draft->inputs.size(); ++i) {
        if (draft->is_foreach()) {
          settle(*draft->frame, draft->inputs[i], owner(*draft) + ": foreach '" + draft->inputs[i].name + "'");
          check_list(*draft, draft->inputs[i]);
        } else {
          connect_input(*draft, i);
        }
      }
    }
    for (const auto& group : model_.groups) {
      for (Alias& input : group->inputs) settle_input(*group, input);
      for (std::size_t i = 0; i < group->outputs.size(); ++i) {
        settle_output(*group, group->outputs[i]);
        check_gather(*group, group->outputs[i]);
      }
    }
    relay_elements();
  }

 private:
  static std::string owner(const Draft& draft) { return "node '" + draft.name + "'"; }
  static std::string owner(const Group& group) { return "node '" + group.name + "'"; }

  void connect_input(Draft& draft, std::size_t i) {
    Alias& input = draft.inputs[i];
    if (!draft.node) {  // its type is unknown, and so is what its inputs want
      settle(*draft.frame, input, owner(draft) + ": input '" + input.name + "'");
      input.wire = broken();
      return;
    }
    if (input.ref.kind == Tree::Kind::null && !input.ref.broken && !draft.places.contains("in." + input.name)) return;
    const PortSpec& port = draft.node->inputs()[i];
    const std::string what = owner(draft) + ": input '" + port.name + "'";
    settle(*draft.frame, input, what);
    if (input.wire.from == Wire::From::broken || input.wire.type == port.type) return;
    report_.error(input.ref.at, what + " wants " + port.type + ", '" + input.ref.text + "' gives " + input.wire.type,
                  conversion_hint(port.type, input.wire));
    input.wire = broken();
  }

  /// Another output of the same producer that would fit.
  static std::string conversion_hint(const std::string& wanted, const Wire& wire) {
    if (element_type(wire.type) == wanted) return "it is a list: use foreach";
    if (wire.from != Wire::From::node || wire.node->node == nullptr) return {};
    std::vector<std::string> fitting;
    for (const PortSpec& port : wire.node->node->outputs())
      if (port.type == wanted) fitting.push_back(wire.node->name + "." + port.name);
    return fitting.size() == 1 ? "did you mean '" + fitting.front() + "'?" : std::string();
  }

  void settle(Frame& frame, Alias& alias, const std::string& what) {
    if (alias.state == Alias::State::done) return;
    constexpr int deepest = 500;
    if (depth_ >= deepest) {
      report_.error(alias.ref.at,
                    what + ": '" + alias.ref.text + "' leads through more than " + std::to_string(deepest) + " names");
      alias.wire = broken();
      alias.state = Alias::State::done;
      return;
    }
    if (alias.state == Alias::State::visiting) {
      report_.error(alias.ref.at, what + ": '" + alias.ref.text + "' leads back to itself");
      alias.wire = broken();
      alias.state = Alias::State::done;
      return;
    }
    alias.state = Alias::State::visiting;
    ++depth_;
    Wire wire = resolve(frame, alias.ref, what);
    --depth_;
    if (alias.state == Alias::State::done) return;
    alias.state = Alias::State::done;
    alias.wire = std::move(wire);
  }

  /// An `in:` of a part, checked against what the part declares.
  void settle_input(Group& group, Alias& input) {
    if (input.state == Alias::State::done) return;
    settle(*group.outside, input, owner(group) + ": input '" + input.name + "'");
    if (input.wire.from == Wire::From::broken || input.wanted_type.empty() || input.wire.type == input.wanted_type)
      return;
    report_.error(input.ref.at,
                  owner(group) + ": input '" + input.name + "' wants " + input.wanted_type + ", '" + input.ref.text +
                      "' gives " + input.wire.type,
                  conversion_hint(input.wanted_type, input.wire));
    input.wire = broken();
  }

  void settle_output(Group& group, Alias& output) {
    const std::string whose = group.part.empty() ? owner(group) : "part '" + group.part_name + "'";
    settle(*group.inside, output, whose + ": output '" + output.name + "'");
  }

  void check_list(Draft& draft, Alias& list) {
    if (list.wire.from == Wire::From::broken) return;
    const std::string_view element = element_type(list.wire.type);
    const std::string what = owner(draft) + ": foreach '" + list.name + "'";
    if (element.empty()) {
      report_.error(list.ref.at, what + " wants a list, '" + list.ref.text + "' gives " + list.wire.type);
      list.wire = broken();
    } else if (!list.wanted_type.empty() && element != list.wanted_type) {
      report_.error(list.ref.at,
                    what + ": the part wants " + list.wanted_type + ", '" + list.ref.text + "' is a " + list.wire.type);
      list.wire = broken();
    }
  }

  void check_gather(Group& group, Alias& output) {
    if (group.foreach == nullptr || output.wire.from == Wire::From::broken) return;
    const bool own_element = output.wire.from == Wire::From::element && output.wire.node == group.foreach;
    const bool own_node = output.wire.from == Wire::From::node && output.wire.node->scope == group.child_scope;
    if (own_element || own_node) return;
    report_.error(output.ref.at, owner(group) + ": output '" + output.name + "' is not made inside the foreach",
                  "read '" + output.ref.text + "' where it is made");
    output.wire = broken();
  }

  Wire resolve(Frame& frame, const Tree& ref, const std::string& what) {
    if (ref.broken) return broken();
    if (!ref.is_scalar()) {
      report_.error(ref.at, what + " wants node.port, not " + std::string(ref.what()));
      return broken();
    }
    const std::size_t dot = ref.text.find('.');
    if (dot == std::string::npos) return bare(frame, ref, what);
    const std::string node = ref.text.substr(0, dot);
    for (Frame* f = &frame; f != nullptr; f = f->lexical) {
      if (const Frame::Member* member = f->member(node)) return port(*member, ref, ref.text.substr(dot + 1), what);
      if (f->refused.contains(node)) return broken();
    }
    if (report_.full()) return broken();
    std::vector<std::string> names;
    for (Frame* f = &frame; f != nullptr; f = f->lexical) {
      for (const auto& [name, member] : f->members) names.push_back(name);
      names.insert(names.end(), f->refused.begin(), f->refused.end());
    }
    report_.error(ref.at, what + ": no node '" + node + "'", config::suggestion(node, names));
    return broken();
  }

  Wire port(const Frame::Member& member, const Tree& ref, const std::string& name, const std::string& what) {
    if (member.group != nullptr) return group_output(*member.group, ref, name, what);
    const std::vector<PortSpec>& outputs = member.draft->node->outputs();
    const auto found = std::ranges::find(outputs, name, &PortSpec::name);
    if (found != outputs.end())
      return {Wire::From::node, member.draft, static_cast<int>(found - outputs.begin()), found->type};
    std::vector<std::string> names;
    for (const PortSpec& output : outputs) names.push_back(output.name);
    report_.error(ref.at,
                  what + ": '" + member.draft->name + "' (" + member.draft->type + ") has no output '" + name + "'",
                  config::suggestion_or_list(name, names, "it has", "it has no outputs"));
    return broken();
  }

  Wire group_output(Group& group, const Tree& ref, const std::string& name, const std::string& what) {
    const auto found = std::ranges::find(group.outputs, name, &Alias::name);
    if (found == group.outputs.end()) {
      std::vector<std::string> names;
      for (const Alias& output : group.outputs) names.push_back(output.name);
      report_.error(ref.at, what + ": '" + group.name + "' has no output '" + name + "'",
                    config::suggestion_or_list(name, names, "it has", "it has no outputs"));
      return broken();
    }
    settle_output(group, *found);
    if (group.foreach == nullptr || found->wire.from == Wire::From::broken) return found->wire;
    return {Wire::From::node, group.foreach, static_cast<int>(found - group.outputs.begin()),
            "list<" + found->wire.type + ">"};
  }

  /// A name without a dot: an element of foreach or an input of the part.
  Wire bare(Frame& frame, const Tree& ref, const std::string& what) {
    std::vector<std::string> names;
    std::string hint;
    for (Frame* f = &frame; f != nullptr; f = f->lexical) {
      if (f->group != nullptr) {
        if (auto wire = from_outside(*f->group, ref.text)) return *wire;
        for (const Alias& input : f->group->inputs) names.push_back(input.name);
        if (f->group->foreach != nullptr)
          for (const Alias& element : f->group->foreach->inputs) names.push_back(element.name);
      }
      if (f->refused.contains(ref.text)) return broken();
      if (const Frame::Member* member = f->member(ref.text); member != nullptr && hint.empty())
        hint = first_port(*member);
    }
    if (hint.empty()) hint = config::suggestion(ref.text, names);
    report_.error(ref.at, what + " wants node.port, not '" + ref.text + "'", std::move(hint));
    return broken();
  }

  std::optional<Wire> from_outside(Group& group, const std::string& name) {
    if (group.refused_inputs.contains(name)) return broken();
    if (group.foreach != nullptr) {
      auto& elements = group.foreach->inputs;
      const auto element = std::ranges::find(elements, name, &Alias::name);
      if (element != elements.end()) {
        settle(*group.outside, *element, owner(group) + ": foreach '" + name + "'");
        const std::string_view type = element_type(element->wire.type);
        if (element->wire.from == Wire::From::broken || type.empty()) return broken();
        return Wire{Wire::From::element, group.foreach, static_cast<int>(element - elements.begin()),
                    std::string(type)};
      }
    }
    const auto input = std::ranges::find(group.inputs, name, &Alias::name);
    if (input == group.inputs.end()) return std::nullopt;
    settle_input(group, *input);
    return input->wire;
  }

  static std::string first_port(const Frame::Member& member) {
    if (member.group != nullptr)
      return member.group->outputs.empty()
                 ? ""
                 : "did you mean '" + member.group->name + "." + member.group->outputs[0].name + "'?";
    const auto& outputs = member.draft->node->outputs();
    return outputs.empty() ? "" : "did you mean '" + member.draft->name + "." + outputs[0].name + "'?";
  }

  void relay_elements() {
    const std::size_t count = model_.drafts.size();
    for (std::size_t d = 0; d < count; ++d) {
      for (std::size_t i = 0; i < model_.drafts[d]->inputs.size(); ++i) {
        Draft& reader = *model_.drafts[d];
        Wire& wire = reader.inputs[i].wire;
        if (wire.from != Wire::From::element || wire.node->group->child_scope == reader.scope) continue;
        wire = {Wire::From::node, relay(wire), 0, wire.type};
      }
    }
  }

  Draft* relay(const Wire& element) {
    Draft*& made = relays_[{element.node, element.port}];
    if (made != nullptr) return made;
    Group& group = *element.node->group;
    const Alias& list = element.node->inputs[static_cast<std::size_t>(element.port)];
    made = model_.add_draft(*group.inside, list.name + " (element)", list.at);
    made->type = "element";
    made->node = std::make_unique<ElementRelay>(element.type);
    Alias input;
    input.name = "element";
    input.at = list.at;
    input.state = Alias::State::done;
    input.wire = element;
    made->inputs.push_back(std::move(input));
    return made;
  }

  Model& model_;
  Reporter& report_;
  int depth_ = 0;
  std::map<std::pair<Draft*, int>, Draft*> relays_;
};

}  // namespace

void connect(Model& model) { Connector(model).run(); }

}  // namespace dfpipe::plan
