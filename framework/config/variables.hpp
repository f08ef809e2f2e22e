#pragma once

#include <string>
#include <vector>

#include "config/tree.hpp"
#include "dfpipe/param.hpp"

namespace dfpipe::config {

/// One entry of `params:`.
struct Variable {
  ParamSpec spec;
  Origin at;
  Tree value;  ///< after `resolve`; broken when there is none
  bool has_value = false;
  bool used = false;
  enum class State { open, visiting, done } state = State::open;
};

/// The parameters of a pipeline or part, and the replacement of ${name} by their values.
class Variables {
 public:
  /// Reads the declarations: a map of name to {type, default, about, unit, min, max, choices, output}.
  void declare(const Tree& params, Reporter& report);
  Variable* find(const std::string& name);
  /// A value from outside, instead of the default.
  void give(Variable& variable, Tree value);
  /// Checks every value against its declaration; defaults may name other parameters. A parameter without any value is
  /// an error at `asked_at`, or at its declaration when that names no place.
  void resolve(const Origin& asked_at, const std::string& owner, Reporter& report);

  /// A copy with every ${name} replaced, at any depth. A scalar that is ${name} and nothing else becomes the value with
  /// its type; within longer text the value's text is put in. "$${" stands for "${".
  Tree substituted(const Tree& tree, Reporter& report);

  const std::vector<Variable>& all() const noexcept { return all_; }
  std::vector<std::string> names() const;

 private:
  void declare_one(const Entry& entry, Reporter& report);
  void settle(Variable& variable, Reporter& report);
  Tree in_scalar(const Tree& scalar, Reporter& report);
  Variable* named(const std::string& name, const Origin& at, Reporter& report);

  std::vector<Variable> all_;
  std::string owner_;                 ///< in front of messages: whose parameters these are
  std::vector<std::string> path_;     ///< of parameters that name parameters
  std::size_t produced_ = 0;          ///< bytes of text that replaced names
  std::vector<std::string> refused_;  ///< declared, but not understood: not reported again where they are used
};

}  // namespace dfpipe::config
