#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dfpipe {

using ParamValue = std::variant<bool, std::int64_t, double, std::string, std::filesystem::path,
                                std::vector<std::string>, std::vector<double>>;

/// What is said about a parameter besides its name and default.
struct ParamHelp {
  std::string about;  ///< one sentence
  std::string unit = {};
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};
  bool required = false;    ///< no default: the file must set it
  bool output = false;      ///< a path that is written: resolved against the working directory
  bool positional = false;  ///< of a command: an argument without a name
};

/// One parameter: descriptor and storage. The alternative held by `value` is its type.
struct ParamSpec {
  std::string name;
  ParamHelp help;
  ParamValue default_value;
  ParamValue value;

  /// "boolean", "integer", "real", "text", "path", "texts", "reals", or "choice"
  std::string_view type() const;
  /// Takes a value of the same alternative (integers are widened to reals); returns what is wrong with it, or nothing.
  std::optional<std::string> assign(const ParamValue& v);
};

/// Base of a `Params` struct. Each field is declared once, with everything that is known about it:
///
///     struct Params : ParamSet {
///       const double& padding = real("padding", 0.2, {.about = "share of the box added on each side", .min = 0, .max =
///       2});
///     };
///
/// The references stay valid; the framework fills the values before `open`.
class ParamSet {
 public:
  ParamSet() = default;
  ParamSet(const ParamSet&) = delete;
  ParamSet& operator=(const ParamSet&) = delete;
  virtual ~ParamSet();

  const std::deque<ParamSpec>& specs() const noexcept { return specs_; }
  ParamSpec* find(std::string_view name);

 protected:
  const bool& boolean(std::string name, bool def, ParamHelp help);
  const std::int64_t& integer(std::string name, std::int64_t def, ParamHelp help);
  const double& real(std::string name, double def, ParamHelp help);
  const std::string& text(std::string name, std::string def, ParamHelp help);
  const std::string& choice(std::string name, std::string def, ParamHelp help) {
    return text(std::move(name), std::move(def), std::move(help));
  }
  const std::filesystem::path& path(std::string name, std::filesystem::path def, ParamHelp help);
  const std::vector<std::string>& texts(std::string name, std::vector<std::string> def, ParamHelp help);
  const std::vector<double>& reals(std::string name, std::vector<double> def, ParamHelp help);

 private:
  ParamSpec& add(std::string name, ParamValue def, ParamHelp help);
  std::deque<ParamSpec> specs_;
};

}  // namespace dfpipe
