#include "pickle.hpp"

#include <bit>
#include <cstring>
#include <unordered_map>

#include "error.hpp"
#include "utf8.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::size_t max_bytes = 4u << 20;
constexpr std::size_t max_values = 1u << 18;
constexpr std::size_t max_key = 512;
constexpr int max_depth = 64;

__extension__ using Wide = __int128;

/// Python's own names for the operations.
enum Op : unsigned char {
  PROTO = 0x80,
  FRAME = 0x95,
  STOP = '.',
  MARK = '(',
  NONE = 'N',
  NEWTRUE = 0x88,
  NEWFALSE = 0x89,
  BININT = 'J',
  BININT1 = 'K',
  BININT2 = 'M',
  LONG1 = 0x8a,
  BINFLOAT = 'G',
  BINUNICODE = 'X',
  SHORT_BINUNICODE = 0x8c,
  BINBYTES = 'B',
  SHORT_BINBYTES = 'C',
  EMPTY_TUPLE = ')',
  TUPLE1 = 0x85,
  TUPLE2 = 0x86,
  TUPLE3 = 0x87,
  TUPLE = 't',
  EMPTY_LIST = ']',
  APPEND = 'a',
  APPENDS = 'e',
  EMPTY_DICT = '}',
  SETITEM = 's',
  SETITEMS = 'u',
  BINPUT = 'q',
  LONG_BINPUT = 'r',
  MEMOIZE = 0x94,
  BINGET = 'h',
  LONG_BINGET = 'j',
  GLOBAL = 'c',
  STACK_GLOBAL = 0x93,
  REDUCE = 'R',
  BUILD = 'b',
  BINPERSID = 'Q'
};

[[noreturn]] void refuse(const std::string& what) { throw PickleRefusal(what); }

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, std::deque<Value>& values, PickleMeaning& meaning)
      : bytes_(bytes), values_(values), meaning_(meaning) {}

  const Value* run() {
    if (next() != PROTO) refuse("is no pickle of protocol 2 to 5");
    if (const unsigned protocol = next(); protocol < 2 || protocol > 5)
      refuse("is a pickle of protocol " + std::to_string(protocol) + "; 2 to 5 are read");
    for (;;) {
      begin_ = at_;
      const unsigned char op = next();
      if (op == STOP) break;
      step(op);
    }
    if (stack_.size() != 1 || !marks_.empty()) refuse("ends with something left over");
    check_depth(stack_.back(), 0);
    return stack_.back();
  }

  std::size_t begin() const noexcept { return begin_; }  ///< of the present operation
  std::size_t end() const noexcept { return at_; }

 private:
  void step(unsigned char op);
  bool step_number(unsigned char op);
  bool step_container(unsigned char op);
  bool step_reference(unsigned char op);

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_)
      refuse(bytes_.size() >= max_bytes ? "is longer than the 4 MiB that are read" : "is cut");
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + at_, size);
    at_ += size;
    return text;
  }
  unsigned char next() { return static_cast<unsigned char>(take(1)[0]); }
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(width).data(), width);
    return value;
  }
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
    const std::size_t length = rest.find('\n');
    if (length == std::string_view::npos) refuse("is cut in a name");
    return take(length + 1).substr(0, length);
  }

  template <typename T>
  void push(T value) {
    push(make(Value{std::move(value)}));
  }
  void push(Value* value) { stack_.push_back(value); }
  Value* make(Value value) {
    if (values_.size() == max_values) refuse("holds more than " + std::to_string(max_values) + " values");
    values_.push_back(std::move(value));
    return &values_.back();
  }
  Value* pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("takes a value where there is none");
    Value* const value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Value& top() {
    Value* const value = pop();
    stack_.push_back(value);
    return *value;
  }
  /// The values above the last mark, which goes.
  std::vector<const Value*> pop_marked() {
    if (marks_.empty()) refuse("ends a list that it has not begun");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<const Value*> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
  }
  void push_tuple(std::size_t size) {
    Tuple tuple{std::vector<const Value*>(size)};
    for (std::size_t i = size; i-- > 0;) tuple.items[i] = pop();
    push(std::move(tuple));
  }
  template <typename T>
  T& top_as(const char* refusal) {
    auto* const value = std::get_if<T>(&top().is);
    if (value == nullptr) refuse(refusal);
    return *value;
  }
  std::string text(std::uint64_t size) {
    std::string text(take(size));
    if (!is_utf8(text)) refuse("has a text that is no UTF-8");
    return text;
  }

  void push_long(std::size_t size);
  void set_items(const std::vector<const Value*>& items);
  void push_global(Global name) {
    meaning_.allow(name);
    push(std::move(name));
  }
  void reduce();
  void put(std::uint64_t slot);
  void get(std::uint64_t slot);
  int check_depth(const Value* value, int depth);

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0, begin_ = 0;
  std::deque<Value>& values_;
  PickleMeaning& meaning_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;  // stack sizes
  std::unordered_map<std::uint64_t, Value*> memo_;
  std::unordered_map<const Value*, int> heights_;  // 0: being measured
};

void Machine::step(unsigned char op) {
  if (step_number(op) || step_container(op) || step_reference(op)) return;
  constexpr char digits[] = "0123456789abcdef";
  refuse(std::string("has the operation 0x") + digits[op / 16] + digits[op % 16] + ", which no weights need");
}

bool Machine::step_number(unsigned char op) {
  switch (op) {
    case NONE:
      push(None{});
      return true;
    case NEWTRUE:
      push(true);
      return true;
    case NEWFALSE:
      push(false);
      return true;
    case BININT:
      push(std::int64_t{static_cast<std::int32_t>(number(4))});
      return true;
    case BININT1:
      push(static_cast<std::int64_t>(number(1)));
      return true;
    case BININT2:
      push(static_cast<std::int64_t>(number(2)));
      return true;
    case LONG1:
      push_long(next());
      return true;
    case BINFLOAT:
      push(std::bit_cast<double>(__builtin_bswap64(number(8))));
      return true;
    case BINUNICODE:
      push(text(number(4)));
      return true;
    case SHORT_BINUNICODE:
      push(text(number(1)));
      return true;
    case BINBYTES:
      push(Bytes{std::string(take(number(4)))});
      return true;
    case SHORT_BINBYTES:
      push(Bytes{std::string(take(number(1)))});
      return true;
    default:
      return false;
  }
}

bool Machine::step_container(unsigned char op) {
  switch (op) {
    case MARK:
      marks_.push_back(stack_.size());
      return true;
    case EMPTY_TUPLE:
      push(Tuple{});
      return true;
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
      push_tuple(op - TUPLE1 + 1u);
      return true;
    case TUPLE:
      push(Tuple{pop_marked()});
      return true;
    case EMPTY_LIST:
      push(List{});
      return true;
    case APPEND: {
      const Value* const item = pop();
      top_as<List>("adds to something that is no list").items.push_back(item);
      return true;
    }
    case APPENDS: {
      const auto more = pop_marked();
      auto& items = top_as<List>("adds to something that is no list").items;
      items.insert(items.end(), more.begin(), more.end());
      return true;
    }
    case EMPTY_DICT:
      push(Dict{});
      return true;
    case SETITEM: {
      const Value* const item = pop();
      const Value* const key = pop();
      set_items({key, item});
      return true;
    }
    case SETITEMS:
      set_items(pop_marked());
      return true;
    default:
      return false;
  }
}

bool Machine::step_reference(unsigned char op) {
  switch (op) {
    case FRAME:
      if (number(8) > bytes_.size() - at_) refuse("is cut: a frame is longer than the rest");
      return true;
    case BINPUT:
    case LONG_BINPUT:
      put(number(op == BINPUT ? 1 : 4));
      return true;
    case MEMOIZE:
      put(memo_.size());
      return true;
    case BINGET:
    case LONG_BINGET:
      get(number(op == BINGET ? 1 : 4));
      return true;
    case GLOBAL: {
      std::string module(line());
      push_global({std::move(module), std::string(line())});
      return true;
    }
    case STACK_GLOBAL: {
      const auto* const name = std::get_if<std::string>(&pop()->is);
      const auto* const module = std::get_if<std::string>(&pop()->is);
      if (name == nullptr || module == nullptr) refuse("asks for a name that is no text");
      push_global({*module, *name});
      return true;
    }
    case REDUCE:
      reduce();
      return true;
    case BUILD: {
      const Value* const state = pop();
      meaning_.set_state(top(), *state);
      return true;
    }
    case BINPERSID:
      push(make(meaning_.persistent(*pop())));
      return true;
    default:
      return false;
  }
}

void Machine::push_long(std::size_t size) {
  if (size > sizeof(Wide)) refuse("has a number of more than 128 bits");
  Wide value = 0;
  const std::string_view bytes = take(size);
  if (size > 0 && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0) value = -1;
  std::memcpy(&value, bytes.data(), size);
  if (value == static_cast<std::int64_t>(value)) return push(static_cast<std::int64_t>(value));
  std::string digits;
  const bool negative = value < 0;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (negative ? -digit : digit)));
  }
  push(LargeInteger{negative ? "-" + digits : digits});
}

void Machine::set_items(const std::vector<const Value*>& items) {
  auto& dict = top_as<Dict>("adds to something that is no dictionary").items;
  if (items.size() % 2 != 0) refuse("has a key without a value");
  for (std::size_t i = 0; i < items.size(); i += 2) {
    Key key;
    if (const auto* const number = std::get_if<std::int64_t>(&items[i]->is)) {
      key = *number;
    } else if (const auto* const text = std::get_if<std::string>(&items[i]->is)) {
      if (text->size() > max_key) refuse("has a key of more than " + std::to_string(max_key) + " bytes");
      key = *text;
    } else {
      refuse("has a key that is neither a text nor a whole number");
    }
    if (!dict.emplace(key, items[i + 1]).second) refuse("has the key '" + key_text(key) + "' twice");
  }
}

void Machine::reduce() {
  const auto* const arguments = std::get_if<Tuple>(&pop()->is);
  const auto* const name = std::get_if<Global>(&pop()->is);
  if (arguments == nullptr || name == nullptr) refuse("calls something that is no name with arguments");
  push(make(meaning_.call(*name, *arguments)));
}

void Machine::put(std::uint64_t slot) {
  memo_[slot] = &top();
  if (memo_.size() > max_values) refuse("remembers more than " + std::to_string(max_values) + " values");
}

void Machine::get(std::uint64_t slot) {
  const auto found = memo_.find(slot);
  if (found == memo_.end()) refuse("refers to value " + std::to_string(slot) + ", which it has not given");
  push(found->second);
}

/// The height of the tree below `value`: a container that holds itself has none.
int Machine::check_depth(const Value* value, int depth) {
  if (depth > max_depth) refuse("is nested deeper than " + std::to_string(max_depth));
  const auto [known, is_new] = heights_.emplace(value, 0);
  if (!is_new) {
    if (known->second == 0) refuse("holds a container that contains itself");
    if (depth + known->second - 1 > max_depth) refuse("is nested deeper than " + std::to_string(max_depth));
    return known->second;
  }
  int height = 1;
  const auto descend = [&](const Value* inner) { height = std::max(height, 1 + check_depth(inner, depth + 1)); };
  if (const auto* const list = std::get_if<List>(&value->is))
    for (const Value* const item : list->items) descend(item);
  if (const auto* const tuple = std::get_if<Tuple>(&value->is))
    for (const Value* const item : tuple->items) descend(item);
  if (const auto* const dict = std::get_if<Dict>(&value->is))
    for (const auto& [key, item] : dict->items) descend(item);
  heights_[value] = height;
  return height;
}

}  // namespace

Pickle::Pickle(std::span<const std::byte> bytes, const std::string& where, PickleMeaning& meaning) {
  Machine machine(bytes.first(std::min(bytes.size(), max_bytes)), values_, meaning);
  try {
    root_ = machine.run();
  } catch (const PickleRefusal& refusal) {
    throw ModelError(where + ", byte " + std::to_string(machine.begin()) + ": " + refusal.what());
  }
  size_ = machine.end();
}

}  // namespace dfpipe::detector
