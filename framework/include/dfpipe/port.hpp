#pragma once

#include <string>
#include <vector>

#include "dfpipe/value.hpp"

namespace dfpipe {

class Node;

struct PortSpec {
  std::string name;
  std::string type;  ///< "image", "tensor", "list<face>", …
  std::string about;
  bool optional = false;  ///< inputs: may be unconnected, and the node is called when it is empty
};

namespace detail {
int add_input(Node& node, PortSpec spec);
int add_output(Node& node, PortSpec spec);
}  // namespace detail

/// A required input. The node is called only when the value is there.
template <class T>
class In {
 public:
  In(Node* node, std::string name, std::string about)
      : index_(detail::add_input(*node, {std::move(name), type_name<T>(), std::move(about), false})) {}
  int index() const noexcept { return index_; }

 protected:
  In(Node* node, PortSpec spec) : index_(detail::add_input(*node, std::move(spec))) {}

 private:
  int index_;
};

/// An input that may be unconnected or empty: ask `item.has(port)` first, `item.why(port)` says why not.
template <class T>
class OptionalIn : public In<T> {
 public:
  OptionalIn(Node* node, std::string name, std::string about)
      : In<T>(node, PortSpec{std::move(name), type_name<T>(), std::move(about), true}) {}
};

template <class T>
class Out {
 public:
  Out(Node* node, std::string name, std::string about)
      : index_(detail::add_output(*node, {std::move(name), type_name<T>(), std::move(about), false})) {}
  int index() const noexcept { return index_; }

 private:
  int index_;
};

}  // namespace dfpipe
