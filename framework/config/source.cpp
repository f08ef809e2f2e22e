#include "config/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string_view>
#include <system_error>

#include "config/paths.hpp"
#include "config/utf8.hpp"

namespace dfpipe::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_file_size = std::size_t{1} << 20;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string with_plain_line_ends(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    lines.push_back(text.substr(start, end - start));
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

/// C0 without the tab, DEL, and C1 (U+0080 … U+009F).
bool is_control(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte == 0xC2) return text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
  return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}

void make_showable(std::string& line) {
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length = utf8_length(std::string_view(line).substr(i, 4));
    const bool hidden = length == 0 || is_control(std::string_view(line).substr(i, 2));
    const std::size_t step = std::max<std::size_t>(length, 1);
    if (hidden) std::fill_n(line.begin() + static_cast<std::ptrdiff_t>(i), step, '?');
    i += step;
  }
}

/// Reports the first byte that no YAML text may hold.
bool is_clean(const std::string& text, const SourcePtr& source, Reporter& report) {
  int line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Origin here{source, line, static_cast<int>(i - line_start) + 1};
    const std::size_t length = utf8_length(std::string_view(text).substr(i, 4));
    if (length == 0) {
      report.error(here, "not UTF-8 text", "save the file as UTF-8");
      return false;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte != '\n' && is_control(std::string_view(text).substr(i, 2))) {
      static constexpr std::string_view digits = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(text[i + length - 1]);
      report.error(here,
                   std::string("control character 0x") + digits[code >> 4U] + digits[code & 15U] + " in the text");
      return false;
    }
    if (byte == '\n') {
      ++line;
      line_start = i + 1;
    }
    i += length;
  }
  return true;
}

std::optional<std::string> bytes_of(const fs::path& file, const Origin& asked_at, Reporter& report) {
  const std::string name = "'" + file.string() + "'";
  std::error_code failed;
  const fs::file_status status = fs::status(file, failed);
  if (!fs::exists(status)) {
    report.error(asked_at, name + " does not exist", nearest_file(file));
    return std::nullopt;
  }
  if (fs::is_directory(status)) {
    report.error(asked_at, name + " is a folder, not a pipeline file");
    return std::nullopt;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    report.error(asked_at, name + " cannot be opened: " + std::strerror(errno));
    return std::nullopt;
  }
  // One byte more than allowed is enough to know; devices and pipes have no size to ask for.
  std::string bytes(max_file_size + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) {
    report.error(asked_at, name + " cannot be read");
    return std::nullopt;
  }
  if (bytes.size() > max_file_size) {
    report.error(asked_at, name + " is larger than 1 MiB: not a pipeline file");
    return std::nullopt;
  }
  return bytes;
}

}  // namespace

Place Origin::place() const {
  Place place{source ? source->shown : "", source && source->from_command_line ? 0 : line, column};
  // Columns are counted in characters, as a person does.
  const std::string& text = source_line();
  const auto end = static_cast<std::size_t>(std::clamp<long>(column - 1, 0, static_cast<long>(text.size())));
  for (std::size_t i = 0; i < end; ++i)
    if (continues_character(text[i])) --place.column;
  return place;
}

const std::string& Origin::source_line() const {
  static const std::string none;
  if (!source || (line == 0 && !source->from_command_line)) return none;
  const std::size_t index = source->from_command_line ? 0 : static_cast<std::size_t>(line) - 1;
  return index < source->lines.size() ? source->lines[index] : none;
}

std::string Origin::text() const {
  if (!source) return {};
  return source->from_command_line || line == 0 ? source->shown : source->shown + ":" + std::to_string(line);
}

namespace {

/// More of the line than anybody is shown, and no more: a file may be one line with hundreds of mistakes.
void set_line_around(Diagnostic& d, const Origin& at) {
  constexpr std::size_t each_side = 400;
  const std::string& line = at.source_line();
  const std::size_t caret = std::min(line.size(), static_cast<std::size_t>(std::max(at.column, 1)) - 1);
  std::size_t start = caret > each_side ? caret - each_side : 0;
  while (start < caret && continues_character(line[start])) ++start;
  std::size_t end = std::min(line.size(), caret + each_side);
  while (end < line.size() && continues_character(line[end])) ++end;
  d.source_line = line.substr(start, end - start);
  d.cut_before = static_cast<int>(
      std::count_if(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(start), std::not_fn(continues_character)));
}

}  // namespace

void Reporter::add(Diagnostic::Severity severity, const Origin& at, std::string message, std::string hint) {
  if (full()) return;
  if (all_.all().size() + 1 == most) message = "and more: only the first " + std::to_string(most) + " are shown";
  Diagnostic d{severity, at.place(), std::move(message), std::move(hint), {}, 0};
  set_line_around(d, at);
  const auto same = [&](const Diagnostic& other) {
    return other.place.file == d.place.file && other.place.line == d.place.line &&
           other.place.column == d.place.column && other.message == d.message && other.source_line == d.source_line;
  };
  if (std::ranges::none_of(all_.all(), same)) all_.add(std::move(d));
}

void Reporter::error(const Origin& at, std::string message, std::string hint) {
  add(Diagnostic::Severity::error, at, std::move(message), std::move(hint));
}

void Reporter::warning(const Origin& at, std::string message, std::string hint) {
  add(Diagnostic::Severity::warning, at, std::move(message), std::move(hint));
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  // A file of many thousand names must not make its own mistakes expensive.
  constexpr std::ptrdiff_t enough = 500;
  const std::string close =
      std::ssize(candidates) <= enough
          ? did_you_mean(word, candidates)
          : did_you_mean(word, std::vector<std::string>(candidates.begin(), candidates.begin() + enough));
  return close.empty() ? std::string() : "did you mean '" + close + "'?";
}

std::string suggestion_or_list(const std::string& word, const std::vector<std::string>& candidates,
                               const std::string& intro, const std::string& none) {
  if (candidates.empty()) return none;
  std::string hint = suggestion(word, candidates);
  if (!hint.empty()) return hint;
  constexpr std::size_t widest = 110;
  hint = intro + ": " + candidates.front();
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (hint.size() + candidates[i].size() > widest) return hint + ", …";
    hint += ", " + candidates[i];
  }
  return hint;
}

std::optional<FileText> read_file(const fs::path& file, const Origin& asked_at, Reporter& report) {
  auto bytes = bytes_of(file, asked_at, report);
  if (!bytes) return std::nullopt;
  auto source = std::make_shared<Source>();
  source->shown = file.string();
  source->folder = file.parent_path();
  source->root = project_root(file);
  std::string text = with_plain_line_ends(*bytes);
  source->lines = split_lines(text);
  // Terminals are not fed with bytes that are no text.
  for (std::string& line : source->lines) make_showable(line);
  if (!is_clean(text, source, report)) return std::nullopt;
  if (std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; })) {
    report.error({source, 0, 0}, "the file is empty");
    return std::nullopt;
  }
  return FileText{std::move(source), std::move(text)};
}

SourcePtr command_line_source(const std::string& argument) {
  auto source = std::make_shared<Source>();
  source->shown = "--set";
  source->lines = {argument};
  make_showable(source->lines.front());
  source->from_command_line = true;
  return source;
}

}  // namespace dfpipe::config
