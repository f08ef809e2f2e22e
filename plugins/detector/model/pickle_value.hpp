#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dfpipe::detector {

struct Value;

struct None {};
/// A whole number of more than 64 bits (at most 128), in decimal digits.
struct LargeInteger {
  std::string digits;
};
struct Bytes {
  std::string bytes;
};
struct List {
  std::vector<const Value*> items;
};
struct Tuple {
  std::vector<const Value*> items;
};
using Key = std::variant<std::int64_t, std::string>;
struct Dict {
  std::map<Key, const Value*> items;
};
/// The name of something in Python, "collections" "OrderedDict".
struct Global {
  std::string module, name;
};
/// Bytes that tensors are views of, by its number in the file.
struct Storage {
  std::size_t index = 0;
};
/// numpy.dtype: kind as numpy calls it (f, i, u, b) and bytes.
struct NumpyType {
  char kind = 'f';
  std::size_t size = 8;
};
/// What a tensor is, without its numbers. Offset and strides in elements of its storage.
struct TensorView {
  std::size_t storage = 0;
  at::ScalarType dtype = at::kFloat;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

/// One value of a pickle. Containers point to values that the Pickle owns, and never to themselves.
struct Value {
  std::variant<None, bool, std::int64_t, LargeInteger, double, std::string, Bytes, List, Tuple, Dict, Global, Storage,
               NumpyType, TensorView>
      is;
};

/// A value and where it stands, for reads that say what is wrong and where: "train_state.pt: optimizer.state.3.step".
/// Every read of the wrong kind throws ModelError.
class Place {
 public:
  Place(const Value& value, std::string file) : Place(value, std::move(file), "") {}

  Place operator[](const Key& key) const;
  std::optional<Place> find(const Key& key) const;
  const std::map<Key, const Value*>& dict() const;
  std::vector<Place> items() const;  ///< of a list or a tuple
  std::int64_t integer() const;
  double number() const;  ///< whole or not
  bool truth() const;
  const std::string& text() const;
  const TensorView& tensor() const;
  bool is_tensor() const noexcept { return std::holds_alternative<TensorView>(value_->is); }

  const Value& value() const noexcept { return *value_; }
  std::string where() const { return path_.empty() ? file_ : file_ + ": " + path_; }

 private:
  Place(const Value& value, std::string file, std::string path)
      : value_(&value), file_(std::move(file)), path_(std::move(path)) {}
  Place inside(const std::string& step, const Value& value) const;
  [[noreturn]] void wrong(const char* wanted) const;

  const Value* value_;
  std::string file_, path_;
};

/// A key as messages show it.
std::string key_text(const Key& key);

}  // namespace dfpipe::detector
