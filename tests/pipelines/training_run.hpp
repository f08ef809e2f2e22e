#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "testing/process.hpp"

/// Runs pipelines/train.yaml as a user would, on the original's small training: two data sets of eight pictures, and a
/// CLIP of two layers with DoRA adapters and heads.
namespace dfpipe::testing {

using Json = nlohmann::json;
namespace fs = std::filesystem;

class TrainingFolder {
 public:
  TrainingFolder() {
    const fs::path step = "tests/data/training/original_step", original = "tests/data/detector/original_training";
    fs::create_directories(model() / "dora");
    const auto recursive = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
    fs::copy(step / "dora", model() / "dora", recursive);
    fs::copy(original / "base", model() / "base", recursive);
    fs::copy_file(step / "head_weights.safetensors", model() / "head_weights.safetensors");
    fs::copy_file("models/demo/preprocessor_config.json", model() / "preprocessor_config.json");
    fs::copy(step / "data", folder_ / "data", recursive);
  }

  fs::path model() const { return folder_ / "model"; }
  fs::path data(const std::string& set) const { return folder_ / "data" / set; }
  fs::path runs(const std::string& name) const { return folder_ / "runs" / name; }
  /// The only run of that name.
  fs::path run(const std::string& name) const { return fs::canonical(runs(name) / "latest"); }
  fs::path path() const { return folder_.path(); }

  std::vector<std::string> command(const std::string& name, const std::vector<std::string>& settings,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> argv{DFPIPE_BINARY, "run", "pipelines/train.yaml"};
    std::vector<std::string> all{"ds1=" + data("ds1").string(),
                                 "ds2=" + data("ds2").string(),
                                 "model=" + model().string(),
                                 "runs=" + (folder_ / "runs").string(),
                                 "name=" + name,
                                 "batch=4",
                                 "epochs=3"};
    all.insert(all.end(), settings.begin(), settings.end());
    for (const std::string& setting : all) argv.insert(argv.end(), {"--set", setting});
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
  }

  Finished train(const std::string& name, const std::vector<std::string>& settings = {},
                 const std::vector<std::string>& more = {}) const {
    return run_process(command(name, settings, more), {.limit = std::chrono::seconds(250)});
  }

  /// Lines of metrics.jsonl of one kind.
  std::vector<Json> metrics(const std::string& name, const std::string& kind) const {
    std::vector<Json> all;
    for (const std::string& line : read_lines(run(name) / "metrics.jsonl"))
      if (Json record = Json::parse(line); record.at("kind") == kind) all.push_back(std::move(record));
    return all;
  }

 private:
  ScratchFolder folder_;
};

/// No transform of the augmentation.
inline std::vector<std::string> without_augmentation() {
  std::vector<std::string> settings;
  for (const char* const node : {"flip", "rotate", "crop", "colour", "social", "jpeg", "blur", "down", "residual"})
    settings.push_back("each/augment/" + std::string(node) + ".p=0");
  return settings;
}

inline std::string file_bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Every file of the models that a run left, by its name.
inline std::map<std::string, std::string> models_of(const fs::path& run) {
  std::map<std::string, std::string> all;
  for (const char* const part : {"model", "snapshots"})
    for (const auto& entry : fs::recursive_directory_iterator(run / part))
      if (entry.is_regular_file() && entry.path().filename() != "README.md")
        all[fs::relative(entry.path(), run).string()] = file_bytes(entry.path());
  return all;
}

}  // namespace dfpipe::testing
