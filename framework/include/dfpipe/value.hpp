#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dfpipe/error.hpp"

namespace dfpipe {

class Value;
class Cell;

/// What the engine must know of a payload type. The row functions exist for types that can be batched: a value
/// has a number of rows, values with equal row keys can be joined into one, and split again.
struct TypeInfo {
  std::string_view name;
  std::int64_t (*rows)(const void*) = nullptr;
  std::string (*row_key)(const void*) = nullptr;
  Value (*join)(std::span<const Value>) = nullptr;
  std::vector<Value> (*split)(const Value&, std::span<const std::int64_t> rows) = nullptr;
  std::string (*name_of)(const void*) = nullptr;  ///< what people call it; null: nothing

  bool batchable() const noexcept { return join != nullptr; }
};

/// Specialise for each payload type:
///
///     template <> struct dfpipe::Type<Image> { static constexpr std::string_view name = "image"; };
///
/// A batchable type adds the static members rows, row_key, join and split with the signatures
///
///     std::int64_t rows(const T&);          std::string row_key(const T&);
///     T join(std::span<const T* const>);    std::vector<T> split(const T&, std::span<const std::int64_t> rows);
///
/// A type with `std::string name_of(const T&)` names what it stands for ("photos/a.jpg"): inside a `foreach` over such
/// a list, messages about an item say so.
template <class T>
struct Type;

template <class T>
std::string type_name() {
  return std::string(Type<T>::name);
}

template <class T>
const TypeInfo& type_info();

/// An immutable, shared, type-erased payload. Copies are handles; types are compared by name, so that two plugins
/// that were built apart agree.
class Value {
 public:
  Value() = default;

  template <class T>
  static Value of(T payload) {
    return Value(std::make_shared<const T>(std::move(payload)), &type_info<T>());
  }

  explicit operator bool() const noexcept { return data_ != nullptr; }
  const TypeInfo& type() const noexcept { return *type_; }
  const void* data() const noexcept { return data_.get(); }

  template <class T>
  bool holds() const noexcept {
    return data_ && (type_ == &type_info<T>() || type_->name == type_info<T>().name);
  }

  /// Throws std::logic_error when the value is of another type.
  template <class T>
  const T& as() const {
    if (!holds<T>()) wrong_type(type_info<T>().name);
    return *static_cast<const T*>(data_.get());
  }

 private:
  friend Value make_list(std::string_view element_type, std::vector<Cell> cells);
  Value(std::shared_ptr<const void> data, const TypeInfo* type) : data_(std::move(data)), type_(type) {}
  [[noreturn]] void wrong_type(std::string_view wanted) const;

  std::shared_ptr<const void> data_;
  const TypeInfo* type_ = nullptr;
};

/// A value, or the reason why there is none.
class Cell {
 public:
  Cell() = default;
  Cell(Value value) : value_(std::move(value)) {}
  Cell(ReasonPtr why) : why_(std::move(why)) {}

  bool has() const noexcept { return static_cast<bool>(value_); }
  const Value& value() const noexcept { return value_; }
  const ReasonPtr& why() const noexcept { return why_; }
  void clear() noexcept {
    value_ = {};
    why_.reset();
  }

 private:
  Value value_;
  ReasonPtr why_;
};

/// An ordered list whose elements may be missing for a reason. `foreach` opens one, and gathers into one.
template <class T>
class List {
 public:
  List() = default;
  explicit List(std::vector<Cell> cells) : cells_(std::move(cells)) {}

  void push_back(T element) { cells_.emplace_back(Value::of<T>(std::move(element))); }
  std::size_t size() const noexcept { return cells_.size(); }
  bool empty() const noexcept { return cells_.empty(); }
  bool has(std::size_t i) const { return cells_.at(i).has(); }
  const T& at(std::size_t i) const { return cells_.at(i).value().template as<T>(); }
  const ReasonPtr& why(std::size_t i) const { return cells_.at(i).why(); }
  const std::vector<Cell>& cells() const noexcept { return cells_; }

 private:
  std::vector<Cell> cells_;
};

/// Every List<T> has the layout of List<void>'s cells, so the engine opens and gathers lists without knowing T.
using AnyCells = std::vector<Cell>;

/// The cells of a value whose type is a list ("list<…>"); throws std::logic_error otherwise.
const AnyCells& list_cells(const Value& list);
/// A list value of the element type named; the name must be that of the elements ("face" -> "list<face>").
Value make_list(std::string_view element_type, AnyCells cells);
/// "list<face>" -> "face"; empty when the name is not that of a list.
std::string_view element_type(std::string_view list_type);

namespace detail {
/// The one TypeInfo of "list<element>", kept for the life of the process.
const TypeInfo& list_type_info(std::string_view element);

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<List<T>> : std::true_type {
  using Element = T;
};

template <class T>
concept HasRows = requires(const T& t) {
  Type<T>::rows(t);
};

template <class T>
concept HasName = requires(const T& t) {
  Type<T>::name_of(t);
};

template <class T>
TypeInfo make_type_info() {
  TypeInfo info;
  info.name = Type<T>::name;
  if constexpr (HasName<T>) info.name_of = [](const void* p) { return Type<T>::name_of(*static_cast<const T*>(p)); };
  if constexpr (HasRows<T>) {
    info.rows = [](const void* p) { return Type<T>::rows(*static_cast<const T*>(p)); };
    info.row_key = [](const void* p) { return Type<T>::row_key(*static_cast<const T*>(p)); };
    info.join = [](std::span<const Value> values) {
      std::vector<const T*> parts;
      parts.reserve(values.size());
      for (const Value& v : values) parts.push_back(&v.as<T>());
      return Value::of<T>(Type<T>::join(std::span<const T* const>(parts)));
    };
    info.split = [](const Value& whole, std::span<const std::int64_t> rows) {
      std::vector<Value> out;
      for (T& part : Type<T>::split(whole.as<T>(), rows)) out.push_back(Value::of<T>(std::move(part)));
      return out;
    };
  }
  return info;
}
}  // namespace detail

template <class T>
struct Type<List<T>> {
  static inline const std::string_view name = detail::list_type_info(Type<T>::name).name;
};

template <class T>
const TypeInfo& type_info() {
  if constexpr (detail::IsList<T>::value) {
    static const TypeInfo& info = detail::list_type_info(Type<typename detail::IsList<T>::Element>::name);
    return info;
  } else {
    static const TypeInfo info = detail::make_type_info<T>();
    return info;
  }
}

}  // namespace dfpipe
