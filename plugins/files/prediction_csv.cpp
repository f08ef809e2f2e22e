#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "durable.hpp"
#include "prediction_line.hpp"

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t columns = 16;
using Row = std::array<std::string, columns>;
const Row header{"file", "sha256",   "width",          "height", "face",        "x",     "y",     "w",
                 "h",    "detector", "detector_score", "label",  "probability", "error", "model", "trained"};

/// Text as it is, numbers as in the JSON, null as nothing.
std::string plain(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
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
    row[13] = sentence(*error);
    return;
  }
  const Json& box = face.at("box");
  for (std::size_t i = 0; i < 4; ++i) row[5 + i] = box.at(i).is_null() ? "" : box.at(i).dump();
  row[9] = plain(face, "detector");
  row[10] = plain(face, "detector_score");
  row[11] = plain(face, "label");
  row[12] = plain(face, "probability");
  row[13] = problems(face);
}

void append_quoted(std::string& to, const std::string& field) {
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

void append(std::string& to, const Row& row) {
  for (std::size_t i = 0; i < columns; ++i) {
    if (i > 0) to += ',';
    append_quoted(to, row[i]);
  }
  to += "\r\n";
}

void append_line(std::string& to, const Json& line) {
  Row row;
  for (std::size_t i = 0; i < 4; ++i) row[i] = plain(line, header[i].c_str());
  row[14] = plain(line, "model");
  row[15] = plain(line, "trained");
  if (const auto error = line.find("error"); error != line.end()) {
    row[13] = sentence(*error);
    append(to, row);
    return;
  }
  const Json faces = line.value("faces", Json::array());
  if (faces.empty()) append(to, row);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    Row own = row;
    own[4] = std::to_string(i);
    fill_face(own, faces[i]);
    append(to, own);
  }
}

}  // namespace

void write_csv(const fs::path& jsonl, const fs::path& csv) {
  std::ifstream in(jsonl, std::ios::binary);
  if (!in) throw std::runtime_error(jsonl.string() + ": cannot be read");
  PartFile out(csv);
  std::string rows;
  append(rows, header);
  for (std::string line; std::getline(in, line);) {
    append_line(rows, Json::parse(line));
    out.write(rows);
    rows.clear();
  }
  out.write(rows);
  out.finish(Durability::process);
}

}  // namespace dfpipe::files
