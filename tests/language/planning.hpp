#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "testing/scratch_folder.hpp"

/// Planning in tests: pipelines out of strings, with the node types of types.cpp.
namespace dfpipe::language_tests {

const registry::Registry& types();

using Folder = testing::ScratchFolder;

struct Planned {
  std::optional<plan::Plan> plan;
  config::Diagnostics diagnostics;
  std::string text() const { return diagnostics.text(); }
  /// The node of that full name; fails the test when it is not there.
  const engine::NodeSpec& node(const std::string& full_name) const;
  int number(const std::string& full_name) const;
  ParamValue param(const std::string& node, const std::string& name) const;
};

Planned planned(const std::filesystem::path& file, const std::vector<std::string>& set = {},
                bool deterministic = false);
/// The same for a file with this content in a scratch folder.
Planned planned_text(const std::string& yaml, const std::vector<std::string>& set = {}, bool deterministic = false);

std::string content_of(const std::filesystem::path& file);

/// A pipeline that ends in a sink, to append nodes to: files, decode, faces and show are there.
std::string with_nodes(const std::string& more, const std::string& top = {});

}  // namespace dfpipe::language_tests
