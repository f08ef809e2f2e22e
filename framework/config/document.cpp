#include "config/document.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/paths.hpp"
#include "config/yaml_reader.hpp"

namespace dfpipe::config {

namespace fs = std::filesystem;

namespace {

constexpr int max_files = 100;

const std::vector<std::string> pipeline_keys{"pipeline", "about", "include", "params", "resources", "run", "nodes"};
const std::vector<std::string> part_keys{"part", "about", "params", "in", "use", "out", "nodes"};

fs::path beside(const Tree& name) {
  const fs::path named(name.text);
  if (named.is_absolute() || !name.at.source) return named;
  return (name.at.source->folder / named).lexically_normal();
}

class Includes {
 public:
  explicit Includes(Reporter& report) : report_(report) {}

  std::optional<Tree> read(const fs::path& file, const Origin& asked_at) {
    const fs::path identity = absolute_path(file);
    if (const auto again = std::ranges::find(open_, identity, &Open::identity); again != open_.end()) {
      std::string circle;
      for (auto step = again; step != open_.end(); ++step) circle += step->shown + " → ";
      report_.error(asked_at, "files include each other: " + circle + again->shown);
      return std::nullopt;
    }
    if (++files_ > max_files) {
      if (files_ == max_files + 1)
        report_.error(asked_at, "more than " + std::to_string(max_files) + " files are included");
      return std::nullopt;
    }
    auto tree = read_yaml(file, asked_at, report_);
    if (!tree) return std::nullopt;
    if (!tree->is_map()) {
      report_.error(tree->at, "a pipeline file is a map of keys, not " + std::string(tree->what()));
      return std::nullopt;
    }
    const bool is_part = tree->find("part") != nullptr && tree->find("pipeline") == nullptr;
    if (is_part) {
      report_.error(tree->entry("part")->key_at,
                    "this is a part: pipelines use it with part:, it cannot be run or included");
      return std::nullopt;
    }
    check_keys(*tree, pipeline_keys, "a pipeline", report_);
    open_.push_back({identity, file.string()});
    Tree all = with_included(std::move(*tree));
    open_.pop_back();
    return all;
  }

 private:
  struct Open {
    fs::path identity;
    std::string shown;
  };

  Tree with_included(Tree own) {
    const auto found = std::ranges::find(own.entries, "include", &Entry::key);
    if (found == own.entries.end()) return own;
    const Tree include = std::move(found->value);
    own.entries.erase(found);
    if (include.broken) return own;
    if (!include.is_list() && !include.is_scalar()) {
      report_.error(include.at, "'include' wants a list of files");
      return own;
    }
    std::optional<Tree> below;
    for (const Tree& name : include.is_list() ? include.items : std::vector<Tree>{include}) {
      if (!name.is_scalar()) {
        if (!name.broken) report_.error(name.at, "'include' wants the name of a file, not " + std::string(name.what()));
        continue;
      }
      auto tree = read(beside(name), name.at);
      if (!tree) continue;
      std::erase_if(tree->entries, [](const Entry& e) { return e.key == "pipeline" || e.key == "about"; });
      below = below ? merged(std::move(*below), std::move(*tree)) : std::move(*tree);
    }
    return below ? merged(std::move(*below), std::move(own)) : own;
  }

  Reporter& report_;
  std::vector<Open> open_;
  int files_ = 0;
};

}  // namespace

std::optional<Tree> read_pipeline(const fs::path& file, Reporter& report) {
  auto source = std::make_shared<Source>();
  source->shown = file.string();
  auto tree = Includes(report).read(file, {source, 0, 0});
  if (tree && tree->find("pipeline") == nullptr)
    report.error(tree->at, "key 'pipeline' is missing", "add a first line: pipeline: NAME");
  return tree;
}

fs::path Parts::file_of(const Tree& name) { return beside(name); }

const Tree* Parts::read(const Tree& name) {
  const fs::path file = beside(name);
  const auto [place, is_new] = read_.try_emplace(absolute_path(file));
  if (!is_new) return place->second ? &*place->second : nullptr;
  std::error_code failed;
  if (fs::is_directory(file, failed)) {
    report_.error(name.at, "'" + name.text + "' is a folder, not a part file");
    return nullptr;
  }
  auto tree = read_yaml(file, name.at, report_);
  if (!tree) return nullptr;
  if (!tree->is_map() || tree->find("part") == nullptr) {
    const bool is_pipeline = tree->find("pipeline") != nullptr;
    report_.error(name.at, "'" + file.string() + "' is " + (is_pipeline ? "a pipeline, not a part" : "not a part"),
                  "a part file begins with part: NAME");
    return nullptr;
  }
  check_keys(*tree, part_keys, "a part", report_);
  place->second = std::move(*tree);
  return &*place->second;
}

}  // namespace dfpipe::config
