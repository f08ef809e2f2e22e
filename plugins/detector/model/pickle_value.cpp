#include "pickle_value.hpp"

#include <array>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::array kinds = {"None",         "a truth value", "a whole number", "a whole number beyond 64 bits",
                              "a number",     "a text",        "bytes",          "a list",
                              "a tuple",      "a dictionary",  "a Python name",  "a storage",
                              "a numpy type", "a tensor"};
static_assert(kinds.size() == std::variant_size_v<decltype(Value::is)>);

}  // namespace

std::string key_text(const Key& key) {
  if (const auto* const number = std::get_if<std::int64_t>(&key)) return std::to_string(*number);
  std::string quoted = in_quotes(std::get<std::string>(key));  // without the quotes: a step of a path
  return quoted.substr(1, quoted.size() - 2);
}

Place Place::inside(const std::string& step, const Value& value) const {
  return {value, file_, path_.empty() ? step : path_ + "." + step};
}

void Place::wrong(const char* wanted) const {
  throw ModelError(where() + " must be " + wanted + ", but is " + kinds.at(value_->is.index()));
}

const std::map<Key, const Value*>& Place::dict() const {
  if (const auto* const dict = std::get_if<Dict>(&value_->is)) return dict->items;
  wrong("a dictionary");
}

std::optional<Place> Place::find(const Key& key) const {
  const auto found = dict().find(key);
  if (found == dict().end()) return std::nullopt;
  return inside(key_text(key), *found->second);
}

Place Place::operator[](const Key& key) const {
  if (const auto found = find(key)) return *found;
  throw ModelError(where() + " has no '" + key_text(key) + "'");
}

std::vector<Place> Place::items() const {
  const auto* const list = std::get_if<List>(&value_->is);
  const auto* const tuple = std::get_if<Tuple>(&value_->is);
  if (list == nullptr && tuple == nullptr) wrong("a list");
  std::vector<Place> places;
  for (const Value* const item : list != nullptr ? list->items : tuple->items)
    places.push_back(inside(std::to_string(places.size()), *item));
  return places;
}

std::int64_t Place::integer() const {
  if (const auto* const number = std::get_if<std::int64_t>(&value_->is)) return *number;
  wrong("a whole number");
}

double Place::number() const {
  if (const auto* const number = std::get_if<double>(&value_->is)) return *number;
  if (const auto* const number = std::get_if<std::int64_t>(&value_->is)) return static_cast<double>(*number);
  wrong("a number");
}

bool Place::truth() const {
  if (const auto* const truth = std::get_if<bool>(&value_->is)) return *truth;
  wrong("True or False");
}

const std::string& Place::text() const {
  if (const auto* const text = std::get_if<std::string>(&value_->is)) return *text;
  wrong("a text");
}

const TensorView& Place::tensor() const {
  if (const auto* const tensor = std::get_if<TensorView>(&value_->is)) return *tensor;
  wrong("a tensor");
}

}  // namespace dfpipe::detector
