#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "dfpipe/param.hpp"

namespace dfpipe {

class Node;
class OpenContext;

/// Facts a node or a resource tells about itself, for the log and for every output ("model", "sha256", "trained", …).
/// A `caution` is shown as a warning.
using Facts = std::map<std::string, std::string>;

/// Specialise like Type<T>: the resource type's name as written in YAML.
template <class T>
struct ResourceType;

/// Something several nodes share and that is made once per run, before the nodes open: a model, a plan cache.
/// It must be safe to use from several threads.
class Resource {
 public:
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;
  virtual ~Resource();
  virtual void open(OpenContext&) {}
  virtual Facts facts() const { return {}; }

  ParamSet& params() noexcept { return *params_; }
  const std::string& about() const noexcept { return about_; }

 protected:
  Resource(std::string about, ParamSet* params);

 private:
  std::string about_;
  ParamSet* params_;
};

struct UseSpec {
  std::string name;  ///< as in `use: {name: resource}`
  std::string type;  ///< the resource type
  std::string about;
};

namespace detail {
int add_use(Node& node, UseSpec spec);
Resource& used(const Node& node, int index);
}  // namespace detail

/// A node's claim on a resource, valid from `open` on.
template <class T>
class Use {
 public:
  Use(Node* node, std::string name, std::string about)
      : node_(node),
        index_(detail::add_use(*node, {std::move(name), std::string(ResourceType<T>::name), std::move(about)})) {}
  T& operator*() const { return static_cast<T&>(detail::used(*node_, index_)); }
  T* operator->() const { return &**this; }

 private:
  Node* node_;
  int index_;
};

}  // namespace dfpipe
