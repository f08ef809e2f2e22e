#include "manifest.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "csv.hpp"
#include "dfpipe/error.hpp"
#include "path_text.hpp"
#include "read_file.hpp"

namespace dfpipe::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_bytes = std::uint64_t{2} << 30;
constexpr std::size_t most_problems = 5;
constexpr std::array required{"path", "label", "dataset", "split"};

using Row = std::map<std::string, std::string, std::less<>>;

bool is_json(const fs::path& file) { return lower(file.extension().string()) != ".csv"; }

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 60;
  return "'" + files::path_text(text.substr(0, most)) + (text.size() > most ? "…'" : "'");
}

/// Collects what is wrong, so that all of it is said at once.
class Problems {
 public:
  explicit Problems(std::string name) : name_(std::move(name)) {}
  void add(std::size_t line, const std::string& what) {
    if (++count_ <= most_problems)
      text_ += (text_.empty() ? "" : "; ") + name_ + ":" + std::to_string(line) + ": " + what;
  }
  void raise() const {
    if (count_ == 0) return;
    const std::size_t more = count_ - std::min(count_, most_problems);
    throw Error(text_ + (more > 0 ? "; and " + std::to_string(more) + " more" : ""), "manifest");
  }

 private:
  std::string name_;
  std::string text_;
  std::size_t count_ = 0;
};

class Reader {
 public:
  Reader(const fs::path& file, const ManifestOptions& options)
      : name_(files::path_text(file.string())),
        folder_(fs::absolute(file).lexically_normal().parent_path()),
        options_(options),
        problems_(name_) {}

  Entries read(std::string_view text, bool json) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    check_text(text);
    if (json)
      read_json(text);
    else
      read_csv(text);
    problems_.raise();
    if (entries_.empty()) throw Error(name_ + ": it has no rows", "manifest");
    return std::move(entries_);
  }

 private:
  void check_text(std::string_view text) const {
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view part = text.substr(at, end - at);
      const std::string where = name_ + ":" + std::to_string(line) + ": ";
      if (!files::is_utf8(part)) throw Error(where + "not UTF-8", "manifest");
      if (part.find('\0') != std::string_view::npos) throw Error(where + "a NUL byte: this is no text", "manifest");
      at = end + 1;
    }
  }

  void read_csv(std::string_view text) {
    CsvReader csv(text, name_);
    const auto header = csv.next();
    if (!header) throw Error(name_ + ": it is empty", "manifest");
    for (const std::string& column : header->fields)
      if (std::ranges::count(header->fields, column) > 1)
        throw Error(name_ + ":" + std::to_string(header->line) + ": two columns are called " + in_quotes(column),
                    "manifest");
    std::string missing;
    for (const char* column : required)
      if (std::ranges::find(header->fields, column) == header->fields.end())
        missing += (missing.empty() ? "" : ", ") + std::string(column);
    if (!missing.empty())
      throw Error(name_ + ":" + std::to_string(header->line) + ": no column " + missing +
                      "; the first line names the columns path, label, dataset, split and, if wanted, group, sha256",
                  "manifest");
    while (auto record = csv.next()) {
      if (record->fields.size() != header->fields.size()) {
        problems_.add(record->line, std::to_string(record->fields.size()) + " fields, the header has " +
                                        std::to_string(header->fields.size()));
        continue;
      }
      Row row;
      for (std::size_t i = 0; i < record->fields.size(); ++i) row[header->fields[i]] = std::move(record->fields[i]);
      add(record->line, row);
    }
  }

  void read_json(std::string_view text) {
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view part = text.substr(at, end - at);
      at = end + 1;
      if (part.size() > longest_record)
        problems_.add(line, "more than " + std::to_string(longest_record) + " bytes");
      else if (part.find_first_not_of(" \t\r") != std::string_view::npos)
        add_json(line, nlohmann::json::parse(part, nullptr, false));
    }
  }

  void add_json(std::size_t line, const nlohmann::json& object) {
    if (!object.is_object()) return problems_.add(line, "this is no JSON object");
    Row row;
    for (const auto& [key, value] : object.items())
      row[key] = value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : value.dump();
    for (const char* column : required)
      if (!row.contains(column)) return problems_.add(line, "no member '" + std::string(column) + "'");
    add(line, row);
  }

  void add(std::size_t line, const Row& row) {
    Sample entry;
    const std::string wrong = fill(entry, row);
    if (!wrong.empty()) return problems_.add(line, wrong);
    const auto [earlier, fresh] = seen_.emplace(entry.file.string(), line);
    if (!fresh)
      return problems_.add(
          line, in_quotes(entry.path) + " is listed in line " + std::to_string(earlier->second) + " already");
    entries_.push_back(std::move(entry));
  }

  /// What is wrong with the row, or nothing.
  std::string fill(Sample& entry, const Row& row) const {
    const auto get = [&](std::string_view column) {
      const auto found = row.find(column);
      return found == row.end() ? std::string() : found->second;
    };
    const std::string path = get("path"), label = get("label"), split = get("split");
    if (std::string wrong = place(entry, path); !wrong.empty()) return wrong;
    const auto known = label == "0"   ? std::optional<std::int64_t>(0)
                       : label == "1" ? std::optional<std::int64_t>(1)
                                      : options_.classes.label_of(label);
    if (!known) return "label " + in_quotes(label) + " is neither real nor fake; 'classes' can map it";
    const auto part = split_of(split);
    if (!part) return "split " + in_quotes(split) + " is none of train, validation, test";
    entry.label = *known;
    entry.split = *part;
    entry.dataset = get("dataset");
    entry.group = get(options_.group_column);
    entry.sha256 = lower(get("sha256"));
    if (entry.dataset.empty()) return "dataset is empty";
    const bool hash =
        entry.sha256.size() == 64 && entry.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!entry.sha256.empty() && !hash) return "sha256 " + in_quotes(entry.sha256) + " is not 64 hexadecimal digits";
    return {};
  }

  std::string place(Sample& entry, const std::string& path) const {
    if (path.empty()) return "path is empty";
    try {
      const fs::path written = files::path_bytes(path);
      if (written.is_relative() && *(folder_ / written).lexically_normal().lexically_relative(folder_).begin() == "..")
        return "path " + in_quotes(path) + " leaves the manifest's folder; write it absolute if it is meant so";
      entry.file = (folder_ / written).lexically_normal();
    } catch (const std::invalid_argument& e) {
      return std::string("path ") + e.what();
    }
    entry.path = path;
    return {};
  }

  std::string name_;
  fs::path folder_;
  const ManifestOptions& options_;
  Problems problems_;
  Entries entries_;
  std::unordered_map<std::string, std::size_t> seen_;  ///< file, line
};

/// How the manifest names the file.
std::string written_path(const fs::path& folder, const fs::path& file) {
  const fs::path relative = file.lexically_relative(folder);
  const bool below = !relative.empty() && *relative.begin() != ".." && *relative.begin() != ".";
  return files::path_text((below ? relative : file).string());
}

}  // namespace

bool has_manifest_extension(const fs::path& file) {
  const std::string extension = lower(file.extension().string());
  return extension == ".csv" || extension == ".jsonl" || extension == ".ndjson";
}

Entries read_manifest(const fs::path& file, const ManifestOptions& options) {
  const std::string name = files::path_text(file.string());
  if (!has_manifest_extension(file))
    throw Error(
        name + ": a manifest's name ends in .csv or .jsonl, a data set's folder holds Train, Validation or Test",
        "manifest");
  std::optional<std::vector<std::uint8_t>> bytes;
  try {
    bytes = files::read_file(file, most_bytes, {});
  } catch (const Error& e) {
    throw Error(name + ": " + e.what(), e.code());
  }
  return Reader(file, options).read({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, is_json(file));
}

std::string manifest_text(const fs::path& file, const Entries& entries) {
  if (!has_manifest_extension(file))
    throw Error(files::path_text(file.string()) + ": the name must end in .csv or .jsonl", "usage");
  const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  const bool json = is_json(file);
  std::string text = json ? "" : "path,label,dataset,split,group,sha256\r\n";
  for (const Sample& sample : entries) {
    const std::string path = written_path(folder, sample.file), label(label_name(sample.label));
    if (json)
      text += nlohmann::ordered_json{{"path", path},          {"label", label},        {"dataset", sample.dataset},
                                     {"split", sample.split}, {"group", sample.group}, {"sha256", sample.sha256}}
                  .dump() +
              "\n";
    else
      text += csv_field(path) + "," + label + "," + csv_field(sample.dataset) + "," + sample.split + "," +
              csv_field(sample.group) + "," + sample.sha256 + "\r\n";
  }
  return text;
}

}  // namespace dfpipe::datasets
