#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dfpipe/node.hpp"

namespace dfpipe::testing {

/// What one call of a node gave.
class Outputs {
 public:
  bool has(const std::string& port) const;
  template <class T>
  const T& get(const std::string& port) const {
    return cell(port).value().as<T>();
  }
  /// Throws std::out_of_range for a port the node does not have.
  const Cell& cell(const std::string& port) const;

  std::map<std::string, Cell> cells;
  Attributes attributes;  ///< the item's, as a source has set them
};

/// Runs one node alone, as the engine would call it. The node comes from the built plugins by its type name:
///
///     NodeRunner node("fft");
///     node.set("grey", std::string("mean")).in("pixels", tensor);
///     at::Tensor spectrum = node.run().get<at::Tensor>("spectrum");
///
/// What `open` or `process` throws comes through unchanged. A node (no sink) whose required input failed is not called:
/// its outputs carry the input's reason, as in the engine. Required parameters must be set before `open`.
///
/// The first `run` also calls `begin` with an empty checkpoint, unless the test opened the node itself: then `resume`
/// and `begin` are the test's to call, on `node()`.
///
/// Plugins are loaded one by one until the type is found, first those that the environment variable
/// DFPIPE_TEST_PLUGINS names (colon-separated, set by dfpipe_add_test).
class NodeRunner {
 public:
  explicit NodeRunner(const std::string& type, const std::filesystem::path& plugins = {});
  explicit NodeRunner(std::unique_ptr<Node> node);
  ~NodeRunner();
  NodeRunner(NodeRunner&&) noexcept;

  /// Throws std::invalid_argument with what is wrong.
  NodeRunner& set(const std::string& param, ParamValue value);
  template <class T>
  NodeRunner& in(const std::string& port, T payload) {
    return in_cell(port, Cell(Value::of<T>(std::move(payload))));
  }
  NodeRunner& in_cell(const std::string& port, Cell cell);
  NodeRunner& in_failed(const std::string& port, const std::string& node, const std::string& message);
  NodeRunner& clear(const std::string& port);
  /// Makes the resource type with its parameters, opens it and binds it to the node's use `name`.
  NodeRunner& use(const std::string& name, const std::string& resource_type,
                  const std::map<std::string, ParamValue>& params);
  NodeRunner& use(const std::string& name, std::shared_ptr<Resource> resource);
  NodeRunner& wanted(const std::string& output, bool is_wanted);  ///< default: all are
  NodeRunner& attributes(Attributes attributes);
  NodeRunner& seed(std::uint64_t seed);
  NodeRunner& index(std::uint64_t root_index);
  NodeRunner& facts(std::map<std::string, Facts> facts);

  NodeRunner& open();  ///< done by the first run() otherwise
  Outputs run();       ///< one call of process
  std::vector<Outputs>
  run_source();  ///< all items of a source; a thrown Error leaves its text under cell "error"'s why
  void close(Outcome outcome = Outcome::completed);
  Node& node();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dfpipe::testing
