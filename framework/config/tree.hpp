#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/source.hpp"

namespace dfpipe::config {

struct Entry;

/// A YAML value that knows where it stands.
struct Tree {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;     ///< scalars: the text between the quotes, if any
  bool quoted = false;  ///< a quoted scalar is text, whatever it looks like
  Origin at;
  std::vector<Tree> items;
  std::vector<Entry> entries;

  std::string param;                          ///< the parameter whose value this is, after substitution
  Origin used_at;                             ///< where its ${name} stands
  std::optional<std::filesystem::path> base;  ///< what a relative path resolves against, if not the source's root
  bool broken = false;                        ///< something was wrong and has been reported: ask no further

  bool is_map() const noexcept { return kind == Kind::map; }
  bool is_list() const noexcept { return kind == Kind::list; }
  bool is_scalar() const noexcept { return kind == Kind::scalar; }
  const Tree* find(std::string_view key) const;
  const Entry* entry(std::string_view key) const;
  /// "a map", "a list", "text", "nothing": for messages.
  std::string_view what() const;

  static Tree scalar(std::string text, Origin at);
  static Tree broken_at(Origin at);
};

struct Entry {
  std::string key;
  Origin key_at;
  Tree value;
};

/// `upper` wins key by key; maps are merged, everything else is replaced.
Tree merged(Tree lower, Tree upper);
/// Sets the value at a path of keys, making maps on the way.
void set_at(Tree& tree, const std::vector<std::string>& keys, Tree value, const Origin& key_at);
std::vector<std::string> keys_of(const Tree& map);
/// A hint for "in:{image", a key whose colon lacks its blank; else "".
std::string glued_colon(const std::string& key);

/// Reports every key that is not allowed; `owner` names the map in the message ("node 'decode'").
void check_keys(const Tree& map, const std::vector<std::string>& allowed, const std::string& owner, Reporter& report);

}  // namespace dfpipe::config
