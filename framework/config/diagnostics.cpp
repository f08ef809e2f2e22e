#include "config/diagnostics.hpp"

#include <algorithm>
#include <iomanip>
#include <limits>
#include <sstream>
#include <tuple>

#include "config/showable.hpp"

namespace dfpipe::config {
namespace {

constexpr std::size_t widest_line = 140;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Byte offset of character number `count` of `text`.
std::size_t byte_offset(const std::string& text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && count > 0) {
    ++i;
    while (i < text.size() && continues_character(text[i])) ++i;
    --count;
  }
  return i;
}

/// The line, cut to a readable width around the caret, and the caret below it. Tabs stay tabs in both.
struct Excerpt {
  std::string line;
  std::string caret;
};

Excerpt excerpt(const Diagnostic& d) {
  const auto column = static_cast<std::size_t>(std::max(d.place.column - d.cut_before, 1)) - 1;
  std::size_t start = 0;
  std::size_t caret = byte_offset(d.source_line, column);
  if (d.source_line.size() > widest_line && caret > widest_line * 2 / 3) {
    start = caret - widest_line / 2;
    while (start < caret && continues_character(d.source_line[start])) ++start;
  }
  std::size_t end = std::min(d.source_line.size(), start + widest_line);
  while (end < d.source_line.size() && continues_character(d.source_line[end])) ++end;

  Excerpt out;
  if (start > 0) out.line = "…", out.caret = " ";
  for (std::size_t i = start; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(d.source_line[i]);
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7F;
    out.line += control ? '?' : d.source_line[i];
    if (i < caret && !continues_character(d.source_line[i])) out.caret += byte == '\t' ? '\t' : ' ';
  }
  if (end < d.source_line.size()) out.line += "…";
  out.caret += '^';
  return out;
}

void write(std::ostringstream& out, const Diagnostic& d) {
  out << one_line(d.place.file);
  if (d.place.line > 0) out << ':' << d.place.line << ':' << d.place.column;
  out << ": " << (d.severity == Diagnostic::Severity::error ? "error: " : "warning: ") << one_line(d.message) << '\n';
  if (!d.source_line.empty()) {
    const Excerpt shown = excerpt(d);
    const std::string number = d.place.line > 0 ? std::to_string(d.place.line) : std::string();
    out << std::setw(6) << number << " | " << shown.line << '\n';
    if (d.place.column > 0) out << "       | " << shown.caret << '\n';
  }
  if (!d.hint.empty()) out << "         " << one_line(d.hint) << '\n';
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1 each.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(all_, [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::error; });
}

std::string Diagnostics::text() const {
  std::vector<const Diagnostic*> sorted;
  for (const Diagnostic& d : all_) sorted.push_back(&d);
  std::ranges::stable_sort(sorted, [](const Diagnostic* a, const Diagnostic* b) {
    const auto key = [](const Diagnostic* d) { return std::tie(d->place.file, d->place.line, d->place.column); };
    return key(a) < key(b);
  });
  std::ostringstream out;
  std::size_t errors = 0;
  for (const Diagnostic* d : sorted) {
    write(out, *d);
    if (d->severity == Diagnostic::Severity::error) ++errors;
  }
  const std::size_t warnings = sorted.size() - errors;
  if (errors > 0) out << counted(errors, "error") << (warnings > 0 ? ", " : "");
  if (warnings > 0) out << counted(warnings, "warning");
  if (!sorted.empty()) out << '\n';
  return out.str();
}

std::string counted(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  // Words from hostile files may be long; the table of the distance is quadratic.
  if (word.empty() || word.size() > 80) return {};
  std::string best;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : candidates) {
    if (candidate == word || candidate.size() > 80) continue;
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t shorter = std::min(word.size(), candidate.size());
    const std::size_t allowed = std::max<std::size_t>(1, longer / 3);
    if (longer - shorter > allowed) continue;
    const std::size_t d = lower(word) == lower(candidate) ? 1 : distance(word, candidate);
    if (d <= allowed && d < shorter && d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace dfpipe::config
