#include "config/tree.hpp"

#include <algorithm>
#include <utility>

namespace dfpipe::config {

const Entry* Tree::entry(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &*found;
}

const Tree* Tree::find(std::string_view key) const {
  const Entry* found = entry(key);
  return found != nullptr ? &found->value : nullptr;
}

std::string_view Tree::what() const {
  switch (kind) {
    case Kind::map:
      return "a map";
    case Kind::list:
      return "a list";
    case Kind::scalar:
      return "a single value";
    case Kind::null:
      break;
  }
  return "nothing";
}

Tree Tree::scalar(std::string text, Origin at) {
  Tree tree;
  tree.kind = Kind::scalar;
  tree.text = std::move(text);
  tree.at = std::move(at);
  return tree;
}

Tree Tree::broken_at(Origin at) {
  Tree tree;
  tree.at = std::move(at);
  tree.broken = true;
  return tree;
}

Tree merged(Tree lower, Tree upper) {
  if (!lower.is_map() || !upper.is_map()) return upper;
  for (Entry& entry : upper.entries) {
    const auto found = std::ranges::find(lower.entries, entry.key, &Entry::key);
    if (found == lower.entries.end()) {
      lower.entries.push_back(std::move(entry));
    } else {
      found->key_at = std::move(entry.key_at);
      found->value = merged(std::move(found->value), std::move(entry.value));
    }
  }
  lower.at = std::move(upper.at);
  return lower;
}

void set_at(Tree& tree, const std::vector<std::string>& keys, Tree value, const Origin& key_at) {
  Tree* place = &tree;
  for (const std::string& key : keys) {
    if (!place->is_map()) {
      *place = Tree{};
      place->kind = Tree::Kind::map;
      place->at = key_at;
    }
    auto found = std::ranges::find(place->entries, key, &Entry::key);
    if (found == place->entries.end()) {
      place->entries.push_back({key, key_at, Tree{}});
      found = place->entries.end() - 1;
    } else if (&key == &keys.back()) {
      found->key_at = key_at;
    }
    place = &found->value;
  }
  *place = std::move(value);
}

std::vector<std::string> keys_of(const Tree& map) {
  std::vector<std::string> keys;
  for (const Entry& entry : map.entries) keys.push_back(entry.key);
  return keys;
}

std::string glued_colon(const std::string& key) {
  const std::size_t colon = key.find(':');
  return colon == std::string::npos ? "" : "write a blank behind the colon: " + key.substr(0, colon) + ": …";
}

void check_keys(const Tree& map, const std::vector<std::string>& allowed, const std::string& owner, Reporter& report) {
  for (const Entry& entry : map.entries) {
    if (std::ranges::find(allowed, entry.key) != allowed.end()) continue;
    report.error(entry.key_at, owner + " has no key '" + entry.key + "'",
                 entry.key.find(':') != std::string::npos ? glued_colon(entry.key)
                                                          : suggestion_or_list(entry.key, allowed, "allowed", ""));
  }
}

}  // namespace dfpipe::config
