#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "dfpipe/types/basic.hpp"
#include "durable.hpp"
#include "nodes.hpp"
#include "percentiles.hpp"

namespace dfpipe::heuristics {
namespace {

namespace fs = std::filesystem;

constexpr double mostly_valid = 0.5;

/// What one measure has gathered.
struct Gathered {
  std::int64_t faces = 0;
  std::vector<std::vector<double>> parts;
  std::map<std::string, std::int64_t> doubts;  ///< notes of faces that did not count, and how many had them
};

/// Writes the reference of `heuristics` from faces on real photographs: percentiles 1, 10, 90 and 99 of each raw number
/// over the faces on which its measure is valid (above 0.5), with their count, and the facts of the nodes before it.
///
/// The file is written at the end of a completed run, whole and in place of an earlier one, or not at all. A run that
/// was stopped writes nothing and cannot be resumed: it takes seconds. Fewer than `least_faces` faces for any number is
/// an error that names the measure; on few faces the outer percentiles are little more than the smallest and the
/// largest. Weights are the defaults; change them in the file.
///
///     reference: {type: heuristics-reference, in: {measures: per-face.measures}, with: {file: "${output}"}}
class HeuristicsReference final : public Node {
  struct Params : ParamSet {
    const fs::path& file = path("file", "", {.about = "YAML file to write", .required = true, .output = true});
    const std::int64_t& least_faces =
        integer("least_faces", 20, {.about = "fewest faces that a number may stand on", .min = 4});
  };

 public:
  HeuristicsReference()
      : Node({.about = "Write what real photographs measure, as the reference of heuristics.",
              .lane = Lane::blocking,
              .stateful = true},
             &params_) {
    for (std::size_t i = 0; i < measure_count; ++i) gathered_[i].parts.resize(definitions()[i].parts.size());
  }

  void open(OpenContext& context) override {
    const fs::path folder = fs::absolute(params_.file).parent_path();
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw std::runtime_error(folder.string() + ": cannot be made: " + error.message());
    for (const auto& [node, facts] : context.facts())
      for (const auto& [key, value] : facts)
        if (key == "detector") source_[key] = value;
  }

  void process(Item& item) override {
    if (!item.has(measures_)) return;
    const List<Measures>& faces = item[measures_];
    for (std::size_t i = 0; i < faces.size(); ++i)
      if (faces.has(i)) add(faces.at(i));
  }

  void close(Outcome outcome) override {
    if (outcome != Outcome::completed) return;
    Reference reference{.faces = faces_, .source = source_};
    for (std::size_t i = 0; i < measure_count; ++i) reference.measures[i] = spread(i);
    files::write_whole(fs::absolute(params_.file), head() + to_yaml(reference), files::Durability::process);
  }

  Facts facts() const override { return {{"output", params_.file.string()}}; }

 private:
  void add(const Measures& face) {
    if (face.all.size() != measure_count || !face.all.front().validity)
      throw Fatal("the measures must be those of heuristics with profile 'calibrated'");
    ++faces_;
    for (std::size_t i = 0; i < measure_count; ++i) {
      const Measure& measure = face.all[i];
      if (measure.validity.value_or(0) <= mostly_valid) {
        ++gathered_[i].doubts[measure.value ? "validity 0.5 or below" : measure.note];
        continue;
      }
      ++gathered_[i].faces;
      for (std::size_t part = 0; part < measure.parts.size(); ++part)
        if (measure.parts[part].value) gathered_[i].parts.at(part).push_back(*measure.parts[part].value);
    }
  }

  MeasureReference spread(std::size_t i) {
    const MeasureDefinition& definition = definitions()[i];
    MeasureReference result{.weight = definition.weight, .faces = gathered_[i].faces};
    for (std::size_t part = 0; part < definition.parts.size(); ++part) {
      std::vector<double>& values = gathered_[i].parts[part];
      if (std::ssize(values) < params_.least_faces) throw std::runtime_error(too_few(i, part, values.size()));
      std::ranges::sort(values);
      result.parts.push_back(
          {quantile(values, 0.01), quantile(values, 0.1), quantile(values, 0.9), quantile(values, 0.99)});
    }
    return result;
  }

  std::string too_few(std::size_t i, std::size_t part, std::size_t count) const {
    std::string text = "too few faces: of " + std::to_string(faces_) + ", " + std::to_string(count) + " count for '" +
                       std::string(definitions()[i].name) + "." + std::string(definitions()[i].parts[part].name) +
                       "', and " + std::to_string(params_.least_faces) + " are needed; nothing was written";
    for (const auto& [doubt, faces] : gathered_[i].doubts) text += "; " + std::to_string(faces) + ": " + doubt;
    return text;
  }

  std::string head() const {
    std::string text = "# Reference of the node heuristics, made by pipelines/calibrate-heuristics.yaml from " +
                       std::to_string(faces_) +
                       " faces.\n# Percentiles 1, 10, 90, 99 over the faces on which a measure is valid.\n";
    if (faces_ < 1000)
      text += "# That is few: the outer percentiles are little more than the smallest and the largest value.\n";
    return text;
  }

  Params params_;
  In<List<Measures>> measures_{this, "measures", "of every face of a picture, profile 'calibrated'"};
  std::int64_t faces_ = 0;
  std::map<std::string, std::string> source_;
  std::array<Gathered, measure_count> gathered_;
};

}  // namespace

void register_heuristics_reference(Registrar& registrar) {
  registrar.node<HeuristicsReference>("heuristics-reference");
}

}  // namespace dfpipe::heuristics
