#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <stdexcept>
#include <string>

#include "pickle_value.hpp"

namespace dfpipe::detector {

/// Thrown by a PickleMeaning; Pickle adds the file and the place.
class PickleRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a pickle's references to the outside stand for. Each function throws PickleRefusal for what it does not know.
class PickleMeaning {
 public:
  virtual ~PickleMeaning() = default;
  /// A name that the pickle mentions, whether or not it uses it.
  virtual void allow(const Global& name) const = 0;
  /// The value that Python would get by calling `name`.
  virtual Value call(const Global& name, const Tuple& arguments) = 0;
  /// Attributes that Python would set on `object`.
  virtual void set_state(Value& object, const Value& state) const = 0;
  virtual Value persistent(const Value& id) = 0;
};

/// Reads one pickle (Python's Lib/pickletools.py, protocols 2 to 5) as data. Nothing is imported, called or executed:
/// the operations for numbers, texts, bytes, lists, tuples, dictionaries (keys: whole numbers and texts of at most 512
/// bytes, none twice) and references are read, and PickleMeaning gives values to the names that it knows. At most 4
/// MiB, 262,144 values, nesting of 64. Throws ModelError: where, the byte, and what was found there.
class Pickle {
 public:
  Pickle(std::span<const std::byte> bytes, const std::string& where, PickleMeaning& meaning);

  const Value& root() const noexcept { return *root_; }
  /// Bytes up to the end of the pickle; more may follow.
  std::size_t size() const noexcept { return size_; }

 private:
  std::deque<Value> values_;
  const Value* root_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace dfpipe::detector
