#include "planning.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace dfpipe::language_tests {

namespace fs = std::filesystem;

const registry::Registry& types() {
  static const registry::Registry all = [] {
    registry::Registry registry;
    registry.load_folder(DFPIPE_LANGUAGE_TYPES);
    return registry;
  }();
  return all;
}

const engine::NodeSpec& Planned::node(const std::string& full_name) const {
  static const engine::NodeSpec none;
  const int i = number(full_name);
  return i < 0 ? none : plan->graph.nodes[static_cast<std::size_t>(i)];
}

int Planned::number(const std::string& full_name) const {
  if (plan)
    for (std::size_t i = 0; i < plan->graph.nodes.size(); ++i)
      if (plan->graph.nodes[i].name == full_name) return static_cast<int>(i);
  ADD_FAILURE() << "no node " << full_name << "\n" << text();
  return -1;
}

ParamValue Planned::param(const std::string& name, const std::string& param) const {
  const engine::NodeSpec& spec = node(name);
  const ParamSpec* found = spec.node && spec.node->params() ? spec.node->params()->find(param) : nullptr;
  if (found == nullptr) {
    ADD_FAILURE() << "no parameter " << param << " of " << name;
    return {};
  }
  return found->value;
}

Planned planned(const fs::path& file, const std::vector<std::string>& set, bool deterministic) {
  Planned result;
  plan::PlanRequest request;
  request.file = file;
  request.set = set;
  request.deterministic = deterministic;
  result.plan = plan::make_plan(request, types(), result.diagnostics);
  return result;
}

Planned planned_text(const std::string& yaml, const std::vector<std::string>& set, bool deterministic) {
  const Folder folder;
  return planned(folder.write("pipeline.yaml", yaml), set, deterministic);
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string with_nodes(const std::string& more, const std::string& top) {
  return "pipeline: test\n" + top +
         "nodes:\n"
         "  files: {type: image-files, with: {path: pictures}}\n"
         "  decode: {type: decode, in: {bytes: files.bytes}}\n"
         "  faces: {type: face-crop, in: {image: decode.image}}\n"
         "  show: {type: show, in: {image: decode.image}}\n"
         "  show-faces: {type: show-faces, in: {faces: faces.faces}}\n" +
         more;
}

}  // namespace dfpipe::language_tests
