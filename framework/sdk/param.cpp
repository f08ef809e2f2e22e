#include "dfpipe/param.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace dfpipe {
namespace {

std::string number_text(double v) {
  std::ostringstream out;
  out << v;
  return out.str();
}

std::optional<std::string> out_of_range(double v, const ParamHelp& help) {
  if (std::isnan(v)) return "is not a number";
  if (v >= help.min && v <= help.max) return std::nullopt;
  if (std::isinf(help.max)) return number_text(v) + " is below " + number_text(help.min);
  if (std::isinf(help.min)) return number_text(v) + " is above " + number_text(help.max);
  return number_text(v) + " is outside " + number_text(help.min) + " … " + number_text(help.max);
}

std::optional<std::string> not_a_choice(const std::string& v, const std::vector<std::string>& choices) {
  if (choices.empty() || std::ranges::find(choices, v) != choices.end()) return std::nullopt;
  std::string all;
  for (const std::string& c : choices) all += (all.empty() ? "" : ", ") + c;
  return "'" + v + "' is none of: " + all;
}

}  // namespace

std::string_view ParamSpec::type() const {
  static constexpr std::string_view names[] = {"boolean", "integer", "real", "text", "path", "texts", "reals"};
  if (std::holds_alternative<std::string>(value) && !help.choices.empty()) return "choice";
  return names[value.index()];
}

std::optional<std::string> ParamSpec::assign(const ParamValue& v) {
  ParamValue wanted = v;
  if (std::holds_alternative<double>(value) && std::holds_alternative<std::int64_t>(v))
    wanted = static_cast<double>(std::get<std::int64_t>(v));
  if (wanted.index() != value.index()) return "wants " + std::string(type());
  std::optional<std::string> wrong;
  if (auto* i = std::get_if<std::int64_t>(&wanted)) wrong = out_of_range(static_cast<double>(*i), help);
  if (auto* d = std::get_if<double>(&wanted)) wrong = out_of_range(*d, help);
  if (auto* s = std::get_if<std::string>(&wanted)) wrong = not_a_choice(*s, help.choices);
  if (auto* all = std::get_if<std::vector<double>>(&wanted))
    for (double d : *all)
      if (!wrong) wrong = out_of_range(d, help);
  if (auto* all = std::get_if<std::vector<std::string>>(&wanted))
    for (const std::string& s : *all)
      if (!wrong) wrong = not_a_choice(s, help.choices);
  if (!wrong) value = std::move(wanted);
  return wrong;
}

ParamSet::~ParamSet() = default;

ParamSpec* ParamSet::find(std::string_view name) {
  auto found = std::ranges::find(specs_, name, &ParamSpec::name);
  return found == specs_.end() ? nullptr : &*found;
}

ParamSpec& ParamSet::add(std::string name, ParamValue def, ParamHelp help) {
  return specs_.emplace_back(ParamSpec{std::move(name), std::move(help), def, def});
}

const bool& ParamSet::boolean(std::string name, bool def, ParamHelp help) {
  return std::get<bool>(add(std::move(name), def, std::move(help)).value);
}
const std::int64_t& ParamSet::integer(std::string name, std::int64_t def, ParamHelp help) {
  return std::get<std::int64_t>(add(std::move(name), def, std::move(help)).value);
}
const double& ParamSet::real(std::string name, double def, ParamHelp help) {
  return std::get<double>(add(std::move(name), def, std::move(help)).value);
}
const std::string& ParamSet::text(std::string name, std::string def, ParamHelp help) {
  return std::get<std::string>(add(std::move(name), std::move(def), std::move(help)).value);
}
const std::filesystem::path& ParamSet::path(std::string name, std::filesystem::path def, ParamHelp help) {
  return std::get<std::filesystem::path>(add(std::move(name), std::move(def), std::move(help)).value);
}
const std::vector<std::string>& ParamSet::texts(std::string name, std::vector<std::string> def, ParamHelp help) {
  return std::get<std::vector<std::string>>(add(std::move(name), std::move(def), std::move(help)).value);
}
const std::vector<double>& ParamSet::reals(std::string name, std::vector<double> def, ParamHelp help) {
  return std::get<std::vector<double>>(add(std::move(name), std::move(def), std::move(help)).value);
}

}  // namespace dfpipe
