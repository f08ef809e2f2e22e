#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "durable.hpp"
#include "prediction_line.hpp"

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

using Row = std::map<std::string, std::string, std::less<>>;  // by column

const std::vector<std::string> fixed_columns{"file",        "sha256", "width", "height",   "face",           "x",
                                             "y",           "w",      "h",     "detector", "detector_score", "label",
                                             "probability", "error",  "model", "trained",  "heatmap"};

/// Text as it is, numbers as in the JSON, null as nothing.
std::string plain(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string plain(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? std::string() : plain(*found);
}

void copy(Row& row, const Json& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) row.insert_or_assign(std::string(key), plain(object, key));
}

std::string sentence(const Json& error) {
  const std::string node = plain(error, "node");
  return (node.empty() ? "" : node + ": ") + plain(error, "code") + ": " + plain(error, "message");
}

std::string problems(const Json& face) {
  std::string out;
  if (const auto found = face.find("problems"); found != face.end())
    for (const Json& problem : *found) out += (out.empty() ? "" : "; ") + problem.get<std::string>();
  return out;
}

void fill_face(Row& row, const Json& face) {
  if (const auto error = face.find("error"); error != face.end()) {
    row["error"] = sentence(*error);
    return;
  }
  static constexpr const char* box[] = {"x", "y", "w", "h"};
  for (std::size_t i = 0; i < 4; ++i) row[box[i]] = plain(face.at("box").at(i));
  copy(row, face, {"detector", "detector_score", "label", "probability", "calibrated_label", "calibrated", "heatmap"});
  if (const auto measures = face.find("heuristics"); measures != face.end())
    for (const auto& [name, value] : measures->items())
      row[name] = value.is_object() ? plain(value, "score") : plain(value);
  row["error"] = problems(face);
}

std::vector<Row> rows_of(const Json& line) {
  Row row;
  copy(row, line, {"file", "sha256", "width", "height", "model", "trained"});
  if (const auto error = line.find("error"); error != line.end()) row["error"] = sentence(*error);
  const Json faces = line.value("faces", Json::array());
  if (faces.empty()) return {row};
  std::vector<Row> all(faces.size(), row);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    all[i]["face"] = std::to_string(i);
    fill_face(all[i], faces[i]);
  }
  return all;
}

/// The columns of a run: the first face with a probability tells whether there is a calibration, and the first measured
/// face what is measured; a run treats every face alike.
std::vector<std::string> columns_of(const fs::path& jsonl) {
  using Ordered = nlohmann::ordered_json;
  std::ifstream in(jsonl, std::ios::binary);
  bool judged = false, calibrated = false;
  std::vector<std::string> measured;
  for (std::string line; (!judged || measured.empty()) && std::getline(in, line);) {
    const Ordered faces = Ordered::parse(line).value("faces", Ordered::array());
    for (const Ordered& face : faces) {
      judged |= face.contains("probability") && !face["probability"].is_null();
      calibrated |= face.contains("calibrated");
      if (!measured.empty()) continue;
      const Ordered measures = face.value("heuristics", Ordered::object());
      for (const auto& [name, value] : measures.items()) measured.push_back(name);
    }
  }
  std::vector<std::string> columns = fixed_columns;
  if (calibrated) {
    const auto behind = std::ranges::find(columns, "probability") + 1;
    columns.insert(behind, {"calibrated_label", "calibrated"});
  }
  columns.insert(columns.end(), measured.begin(), measured.end());
  return columns;
}

bool is_number(std::string_view field) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

void append_field(std::string& to, std::string field, Formulas formulas) {
  const bool formula = !field.empty() && std::string_view("=+-@\t\r").find(field[0]) != std::string_view::npos;
  if (formula && formulas == Formulas::quoted && !is_number(field)) field.insert(0, 1, '\'');
  if (field.find_first_of(",\"\r\n") == std::string::npos) {
    to += field;
    return;
  }
  to += '"';
  for (char c : field) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

}  // namespace

void write_csv(const fs::path& jsonl, const fs::path& csv, Formulas formulas) {
  std::ifstream in(jsonl, std::ios::binary);
  if (!in) throw std::runtime_error(jsonl.string() + ": cannot be read");
  const std::vector<std::string> columns = columns_of(jsonl);
  PartFile out(csv);
  const auto write = [&](const auto& field_of) {
    std::string text;
    for (const std::string& column : columns) {
      if (&column != columns.data()) text += ',';
      append_field(text, field_of(column), formulas);
    }
    out.write(text + "\r\n");
  };
  write([](const std::string& column) { return column; });
  for (std::string line; std::getline(in, line);)
    for (Row& row : rows_of(Json::parse(line))) write([&](const std::string& column) { return row[column]; });
  out.finish(Durability::process);
}

}  // namespace dfpipe::files
