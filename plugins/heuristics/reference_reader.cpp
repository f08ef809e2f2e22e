#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "detector/model/utf8.hpp"
#include "dfpipe/error.hpp"
#include "read_file.hpp"
#include "reference.hpp"

namespace dfpipe::heuristics {
namespace {

constexpr std::uint64_t most_bytes = 64 << 10;

/// Reads values and says where a wrong one stands.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  [[noreturn]] void fail(const YAML::Mark& at, const std::string& what) const {
    const std::string place =
        at.is_null() ? "" : ":" + std::to_string(at.line + 1) + ":" + std::to_string(at.column + 1);
    throw std::runtime_error(name_ + place + ": error: " + what);
  }

  /// All keys of `wanted` must be there, and no others.
  template <class Names>
  void check_map(const YAML::Node& node, const std::string& owner, const Names& wanted) const {
    if (!node.IsMap()) fail(node.Mark(), owner + " must be a map");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) fail(entry.first.Mark(), owner + ": a key must be a name");
      const std::string& key = entry.first.Scalar();
      if (std::ranges::find(wanted, std::string_view(key)) == wanted.end())
        fail(entry.first.Mark(), owner + " has no '" + key + "' (" + listed(wanted) + ")");
      if (!seen.insert(key).second) fail(entry.first.Mark(), owner + ": '" + key + "' is there twice");
    }
    for (const std::string_view key : wanted)
      if (!seen.contains(std::string(key))) fail(node.Mark(), owner + ": '" + std::string(key) + "' is missing");
  }

  double number(const YAML::Node& node, const std::string& owner) const {
    double value = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value))
      fail(node.Mark(), owner + " must be a number" + (node.IsScalar() ? ", not '" + node.Scalar() + "'" : ""));
    return value;
  }

  std::int64_t count(const YAML::Node& node, const std::string& owner) const {
    std::int64_t value = 0;
    if (!node.IsScalar() || !YAML::convert<std::int64_t>::decode(node, value) || value < 1)
      fail(node.Mark(), owner + " must be a whole number above 0");
    return value;
  }

  Percentiles percentiles(const YAML::Node& node, const std::string& owner) const {
    if (!node.IsSequence() || node.size() != 4)
      fail(node.Mark(), owner + " must be four numbers: percentiles 1, 10, 90 and 99");
    std::array<double, 4> p{};
    for (std::size_t i = 0; i < 4; ++i) p[i] = number(node[i], owner + ": percentile " + std::to_string(i + 1));
    if (!std::ranges::is_sorted(p)) fail(node.Mark(), owner + ": the percentiles must ascend");
    return {p[0], p[1], p[2], p[3]};
  }

  MeasureReference measure(const YAML::Node& node, const MeasureDefinition& definition) const {
    const std::string owner = "measure '" + std::string(definition.name) + "'";
    check_map(node, owner, std::array<std::string_view, 3>{"weight", "faces", "parts"});
    MeasureReference result{.weight = number(node["weight"], owner + ": 'weight'"),
                            .faces = count(node["faces"], owner + ": 'faces'")};
    if (result.weight < 0) fail(node["weight"].Mark(), owner + ": 'weight' is below 0");
    std::vector<std::string_view> names;
    for (const PartDefinition& part : definition.parts) names.push_back(part.name);
    const YAML::Node parts = node["parts"];
    check_map(parts, owner + ": 'parts'", names);
    for (const std::string_view name : names)
      result.parts.push_back(percentiles(parts[std::string(name)], owner + ", part '" + std::string(name) + "'"));
    return result;
  }

  std::map<std::string, std::string> texts(const YAML::Node& node, const std::string& owner) const {
    if (!node.IsMap()) fail(node.Mark(), owner + " must be a map");
    std::map<std::string, std::string> result;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar() || !entry.second.IsScalar()) fail(entry.first.Mark(), owner + " holds texts only");
      result[entry.first.Scalar()] = entry.second.Scalar();
    }
    return result;
  }

 private:
  template <class Names>
  static std::string listed(const Names& names) {
    std::string out;
    for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
  }

  std::string name_;
};

std::vector<YAML::Node> documents(const std::string& text, const Reader& reader) {
  try {
    return YAML::LoadAll(text);
  } catch (const YAML::Exception& e) {
    reader.fail(e.mark, e.msg);
  }
}

}  // namespace

Reference parse_reference(const std::string& text, const std::string& name) {
  const Reader reader(name);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) reader.fail(YAML::Mark::null_mark(), "the file is empty");
  if (!detector::is_utf8(text)) reader.fail(YAML::Mark::null_mark(), "the file is not UTF-8 text");
  const std::vector<YAML::Node> all = documents(text, reader);
  if (all.size() != 1) reader.fail(YAML::Mark::null_mark(), "the file must hold one YAML document");
  const YAML::Node& root = all.front();
  reader.check_map(root, "the reference", std::array<std::string_view, 3>{"faces", "source", "measures"});

  Reference result{.faces = reader.count(root["faces"], "'faces'"), .source = reader.texts(root["source"], "'source'")};
  std::vector<std::string_view> names;
  for (const MeasureDefinition& definition : definitions()) names.push_back(definition.name);
  const YAML::Node measures = root["measures"];
  reader.check_map(measures, "'measures'", names);
  double weights = 0;
  for (std::size_t i = 0; i < measure_count; ++i) {
    result.measures[i] = reader.measure(measures[std::string(names[i])], definitions()[i]);
    weights += result.measures[i].weight;
  }
  if (!(weights > 0)) reader.fail(measures.Mark(), "'measures': all weights are 0");
  return result;
}

std::string read_reference_text(const std::filesystem::path& file) try {
  const auto bytes = files::read_file(file, most_bytes, {});
  return {bytes->begin(), bytes->end()};
} catch (const Error& e) {
  throw std::runtime_error(file.string() + ": error: " + e.what());
}

}  // namespace dfpipe::heuristics
