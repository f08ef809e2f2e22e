#include "config/scalars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "config/paths.hpp"

namespace dfpipe::config {
namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ParamValue> as_list(const ParamSpec& spec, const Tree& value) {
  if (!value.is_list()) return std::nullopt;
  std::vector<std::string> texts;
  std::vector<double> reals;
  const bool wants_reals = spec.type() == "reals";
  for (const Tree& item : value.items) {
    if (!item.is_scalar()) return std::nullopt;
    if (!wants_reals) {
      texts.push_back(item.text);
      continue;
    }
    const auto real = as_real(item);
    if (!real) return std::nullopt;
    reals.push_back(*real);
  }
  return wants_reals ? ParamValue(std::move(reals)) : ParamValue(std::move(texts));
}

std::optional<ParamValue> converted(const ParamSpec& spec, const Tree& value) {
  const std::string_view type = spec.type();
  if (type == "texts" || type == "reals") return as_list(spec, value);
  if (!value.is_scalar()) return std::nullopt;
  if (type == "boolean") {
    if (const auto v = as_boolean(value)) return *v;
  } else if (type == "integer") {
    if (const auto v = as_integer(value)) return *v;
  } else if (type == "real") {
    if (const auto v = as_real(value)) return *v;
  } else if (type == "path") {
    return as_path(value, spec.help.output);
  } else {
    return value.text;
  }
  return std::nullopt;
}

std::string described(const Tree& value) {
  if (value.kind == Tree::Kind::null) return "nothing";
  if (!value.is_scalar()) return std::string(value.what());
  return "'" + (value.text.size() > 60 ? value.text.substr(0, 60) + "…" : value.text) + "'";
}

std::string in_words(const ParamSpec& spec) {
  const std::string_view type = spec.type();
  return type == "texts" ? "a list of texts" : type == "reals" ? "a list of numbers" : std::string(type);
}

std::string hint_for(const ParamSpec& spec, const Tree& value) {
  const std::string_view type = spec.type();
  if (type == "texts" || type == "reals") return value.is_list() ? "" : "write a list: [a, b]";
  if (!value.is_scalar() || (type != "boolean" && type != "integer" && type != "real")) return {};
  Tree plain = value;
  plain.quoted = false;
  if (!converted(spec, plain)) return type == "boolean" ? "write true or false" : "";
  return value.param.empty() ? "leave the quotes out"
                             : "give the parameter '" + value.param + "' the type " + std::string(type);
}

}  // namespace

std::optional<bool> as_boolean(const Tree& tree) {
  if (!tree.is_scalar() || tree.quoted) return std::nullopt;
  if (tree.text == "true") return true;
  if (tree.text == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> as_integer(const Tree& tree) {
  if (!tree.is_scalar() || tree.quoted) return std::nullopt;
  if (const auto whole = number<std::int64_t>(tree.text)) return whole;
  const auto real = number<double>(tree.text);
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!real || std::floor(*real) != *real || std::abs(*real) > exact) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

std::optional<std::uint64_t> as_natural(const Tree& tree) {
  if (!tree.is_scalar() || tree.quoted) return std::nullopt;
  if (const auto natural = number<std::uint64_t>(tree.text)) return natural;
  const auto whole = as_integer(tree);
  return whole && *whole >= 0 ? std::optional(static_cast<std::uint64_t>(*whole)) : std::nullopt;
}

std::optional<double> as_real(const Tree& tree) {
  if (!tree.is_scalar() || tree.quoted) return std::nullopt;
  const auto real = number<double>(tree.text);
  return real && std::isfinite(*real) ? real : std::nullopt;
}

std::optional<std::chrono::microseconds> as_duration(const Tree& tree) {
  if (!tree.is_scalar()) return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, double>, 3> units{{{"ms", 1e3}, {"us", 1.0}, {"s", 1e6}}};
  for (const auto& [unit, factor] : units) {
    std::string_view text = tree.text;
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto count = number<double>(text);
    if (!count || !(*count >= 0) || *count * factor > 3.6e9) return std::nullopt;
    return std::chrono::microseconds(std::llround(*count * factor));
  }
  return std::nullopt;
}

std::string real_text(double value) {
  std::array<char, 32> buffer{};
  const auto [end, failed] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return failed == std::errc() ? std::string(buffer.data(), end) : std::string("0");
}

std::filesystem::path as_path(const Tree& tree, bool output) {
  if (output) return resolved_path(tree.text, {});
  if (tree.base) return resolved_path(tree.text, *tree.base);
  return resolved_path(tree.text, tree.at.source ? tree.at.source->root : std::filesystem::path());
}

namespace {

/// A wrong value is shown where it is written; this says where it is wanted.
std::string through(const Tree& value) {
  if (value.param.empty() || !value.used_at.source) return {};
  return " (parameter '" + value.param + "', used in " + value.used_at.text() + ")";
}

}  // namespace

bool assign(ParamSpec& spec, const Tree& value, const std::string& owner, Reporter& report) {
  if (value.broken || std::ranges::any_of(value.items, &Tree::broken)) return false;
  const auto wanted = converted(spec, value);
  if (!wanted) {
    report.error(value.at, owner + " wants " + in_words(spec) + ", not " + described(value) + through(value),
                 hint_for(spec, value));
    return false;
  }
  if (const auto* path = std::get_if<std::filesystem::path>(&*wanted);
      path != nullptr && path->empty() && spec.help.required) {
    report.error(value.at, owner + " is empty" + through(value), "it must name a file or folder");
    return false;
  }
  if (const auto wrong = spec.assign(*wanted)) {
    report.error(value.at, owner + ": " + *wrong + through(value),
                 value.is_scalar() && !spec.help.choices.empty() ? suggestion(value.text, spec.help.choices) : "");
    return false;
  }
  return true;
}

}  // namespace dfpipe::config
