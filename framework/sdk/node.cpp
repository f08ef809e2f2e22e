#include "dfpipe/node.hpp"

#include <algorithm>
#include <stdexcept>

#include "dfpipe/plugin.hpp"

namespace dfpipe {

Item::~Item() = default;
OpenContext::~OpenContext() = default;
std::function<void()> OpenContext::stopper() const {
  return [] {};
}
std::shared_ptr<const RunView> OpenContext::run() const { return nullptr; }
void OpenContext::depends_on(const std::string&) {}
Node::~Node() = default;
Registrar::~Registrar() = default;
Resource::~Resource() = default;
Resource::Resource(std::string about, ParamSet* params) : about_(std::move(about)), params_(params) {}

std::string build_fingerprint_of_framework() { return DFPIPE_FINGERPRINT; }

std::string ItemKey::text() const {
  std::string out = std::to_string(index);
  for (std::uint32_t c : child) out += "." + std::to_string(c);
  return out;
}

Random random_for(std::uint64_t seed, const Attributes& attributes, const ItemKey& key, std::uint64_t node_name_hash) {
  std::uint64_t id = Random::mix(Random::mix(seed, attributes.epoch), key.index);
  for (const std::uint32_t c : key.child) id = Random::mix(id, c);
  return Random(id, node_name_hash);
}

const Value& Item::required(int port) const {
  const Cell& cell = input(port);
  if (!cell.has()) throw std::logic_error("input " + std::to_string(port) + " is empty; ask has() first");
  return cell.value();
}

bool Node::reads(int) const { return true; }

std::optional<Checkpoint> Node::resume(bool) { return std::nullopt; }

void Node::bind_resource(int index, std::shared_ptr<Resource> resource) {
  resources_.resize(std::max(resources_.size(), uses_.size()));
  resources_.at(static_cast<std::size_t>(index)) = std::move(resource);
}

void Source::process(Item&) { throw std::logic_error("a source is asked for items, not given any"); }

namespace detail {

int add_input(Node& node, PortSpec spec) {
  node.inputs_.push_back(std::move(spec));
  return static_cast<int>(node.inputs_.size()) - 1;
}

int add_output(Node& node, PortSpec spec) {
  node.outputs_.push_back(std::move(spec));
  return static_cast<int>(node.outputs_.size()) - 1;
}

int add_use(Node& node, UseSpec spec) {
  node.uses_.push_back(std::move(spec));
  return static_cast<int>(node.uses_.size()) - 1;
}

Resource& used(const Node& node, int index) {
  const auto i = static_cast<std::size_t>(index);
  if (i >= node.resources_.size() || !node.resources_[i])
    throw std::logic_error("resource '" + node.uses_.at(i).name + "' is not bound");
  return *node.resources_[i];
}

}  // namespace detail
}  // namespace dfpipe
