#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "testing/process.hpp"

/// Runs pipelines/predict.yaml as a user would and reads what it leaves.
namespace dfpipe::testing {

using Json = nlohmann::json;

inline std::vector<std::string> predict_command(const std::filesystem::path& input, const std::filesystem::path& output,
                                                const std::vector<std::string>& more = {}) {
  std::vector<std::string> argv = {DFPIPE_BINARY,
                                   "run",
                                   "pipelines/predict.yaml",
                                   "--set",
                                   "input=" + input.string(),
                                   "--set",
                                   "output=" + output.string(),
                                   "--set",  // the embedded detector, whatever somebody has fetched into models
                                   "face_models=models/demo"};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

inline Finished predict(const std::filesystem::path& input, const std::filesystem::path& output,
                        const std::vector<std::string>& more = {}) {
  return run_process(predict_command(input, output, more), {.limit = std::chrono::seconds(250)});
}

/// Every line of predictions.jsonl; throws when one is not JSON.
inline std::vector<Json> predictions(const std::filesystem::path& output) {
  std::vector<Json> all;
  for (const std::string& line : read_lines(output / "predictions.jsonl")) all.push_back(Json::parse(line));
  return all;
}

/// How often a node was called, from the summary of a run with --json. Nodes that are switched off are not in it.
inline std::uint64_t calls(const Finished& f, const std::string& name) {
  const Json summary = Json::parse(f.out);
  for (const Json& node : summary.at("nodes"))
    if (node.at("name") == name) return node.at("calls");
  return 0;
}

inline std::filesystem::path samples() { return std::filesystem::path(DFPIPE_SOURCE_DIR) / "pipelines/samples"; }

inline std::vector<std::filesystem::path> sample_images() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(samples()))
    if (entry.path().extension() == ".png" || entry.path().extension() == ".jpg") all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

/// `count` pictures: the samples over and over, under numbered names.
inline void many_images(const std::filesystem::path& folder, int count) {
  const auto images = sample_images();
  std::filesystem::create_directories(folder);
  for (int i = 0; i < count; ++i) {
    const auto& from = images[static_cast<std::size_t>(i) % images.size()];
    char name[32];
    std::snprintf(name, sizeof name, "%05d", i);
    std::filesystem::copy_file(from, folder / (name + from.extension().string()));
  }
}

}  // namespace dfpipe::testing
