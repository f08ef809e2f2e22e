#include "torch_meaning.hpp"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw PickleRefusal(what); }

std::string full_name(const Global& name) { return name.module + "." + name.name; }

[[noreturn]] void refuse_name(const Global& name) {
  refuse("asks for " + in_quotes(full_name(name)) + ", which no weights need; nothing of it was run");
}

std::optional<at::ScalarType> storage_type(const Global& name) {
  static const std::map<std::string, at::ScalarType> types{
      {"torch.DoubleStorage", at::kDouble},       {"torch.FloatStorage", at::kFloat},
      {"torch.HalfStorage", at::kHalf},           {"torch.BFloat16Storage", at::kBFloat16},
      {"torch.LongStorage", at::kLong},           {"torch.IntStorage", at::kInt},
      {"torch.ShortStorage", at::kShort},         {"torch.CharStorage", at::kChar},
      {"torch.ByteStorage", at::kByte},           {"torch.BoolStorage", at::kBool},
      {"torch.storage.UntypedStorage", at::kByte}};
  const auto found = types.find(full_name(name));
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

bool is_numpy_scalar(const std::string& name) {
  return name == "numpy.core.multiarray.scalar" || name == "numpy._core.multiarray.scalar";
}

[[noreturn]] void refuse_argument(std::size_t index, std::string_view of) {
  std::string what = "has ";
  what.append(of)
      .append(", but argument ")
      .append(std::to_string(index + 1))
      .append(" is missing or of the wrong kind");
  refuse(what);
}

/// The argument at `index` as a T; refuses when it is none.
template <typename T>
const T& argument(const Tuple& arguments, std::size_t index, std::string_view of) {
  const T* const value = index < arguments.items.size() ? std::get_if<T>(&arguments.items[index]->is) : nullptr;
  if (value == nullptr) refuse_argument(index, of);
  return *value;
}

std::vector<std::int64_t> sizes(const Tuple& tuple, const char* what) {
  if (tuple.items.size() > 8) refuse(std::string("has a tensor with more than 8 ") + what);
  std::vector<std::int64_t> all;
  for (const Value* const item : tuple.items) {
    const auto* const number = std::get_if<std::int64_t>(&item->is);
    if (number == nullptr || *number < 0 || *number > (std::int64_t{1} << 48))
      refuse(std::string("has a tensor whose ") + what + " are no non-negative whole numbers");
    all.push_back(*number);
  }
  return all;
}

/// Hooks and metadata: nothing that would change a tensor's numbers may hide there.
void require_empty(const Tuple& arguments, std::size_t index, const char* what) {
  if (index >= arguments.items.size()) return;
  const Value& value = *arguments.items[index];
  const auto* const dict = std::get_if<Dict>(&value.is);
  if (!std::holds_alternative<None>(value.is) && (dict == nullptr || !dict->items.empty()))
    refuse(std::string("has a tensor with ") + what);
}

/// A text of characters below 256, one byte each.
Bytes latin1(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0xc4) refuse("encodes a character that latin1 has not");
    if (c >= 0x80) c = static_cast<unsigned char>((c << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
    out.bytes += static_cast<char>(c);
  }
  return out;
}

template <typename T>
T number_from(const Bytes& bytes) {
  T value;
  std::memcpy(&value, bytes.bytes.data(), sizeof value);
  return value;
}

NumpyType numpy_type(const Tuple& arguments) {
  const auto& code = argument<std::string>(arguments, 0, "numpy.dtype");
  static const std::string known = " f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1 b1 ";
  if (code.size() != 2 || known.find(" " + code + " ") == std::string::npos)
    refuse("has a numpy number of type " + in_quotes(code) + ", which is not known");
  return {code[0], static_cast<std::size_t>(code[1] - '0')};
}

Value numpy_number(const NumpyType& type, const Bytes& bytes) {
  if (bytes.bytes.size() != type.size) refuse("has a numpy number of the wrong length");
  const auto whole = [](auto number) { return Value{static_cast<std::int64_t>(number)}; };
  switch (type.kind) {
    case 'f':
      if (type.size == 8) return {number_from<double>(bytes)};
      if (type.size == 4) return {static_cast<double>(number_from<float>(bytes))};
      return {static_cast<double>(number_from<at::Half>(bytes))};
    case 'b':
      return {bytes.bytes[0] != 0};
    case 'i':
      if (type.size == 8) return whole(number_from<std::int64_t>(bytes));
      if (type.size == 4) return whole(number_from<std::int32_t>(bytes));
      if (type.size == 2) return whole(number_from<std::int16_t>(bytes));
      return whole(number_from<std::int8_t>(bytes));
    default:
      if (type.size == 4) return whole(number_from<std::uint32_t>(bytes));
      if (type.size == 2) return whole(number_from<std::uint16_t>(bytes));
      if (type.size == 1) return whole(number_from<std::uint8_t>(bytes));
      const auto number = number_from<std::uint64_t>(bytes);
      if (number > INT64_MAX) return {LargeInteger{std::to_string(number)}};
      return whole(number);
  }
}

}  // namespace

void TorchMeaning::allow(const Global& name) const {
  static const std::string others[] = {"collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
                                       "torch._utils._rebuild_parameter", "numpy.dtype", "_codecs.encode"};
  const std::string full = full_name(name);
  if (!storage_type(name) && !is_numpy_scalar(full) && std::ranges::find(others, full) == std::end(others))
    refuse_name(name);
}

Value TorchMeaning::call(const Global& name, const Tuple& arguments) {
  const std::string full = full_name(name);
  if (full == "collections.OrderedDict") {
    if (!arguments.items.empty()) refuse("makes an OrderedDict in a way that torch.save does not");
    return {Dict{}};
  }
  if (full == "torch._utils._rebuild_tensor_v2") return rebuild_tensor(arguments);
  if (full == "torch._utils._rebuild_parameter") {
    require_empty(arguments, 2, "backward hooks");
    return {argument<TensorView>(arguments, 0, "_rebuild_parameter")};
  }
  if (full == "numpy.dtype") return {numpy_type(arguments)};
  if (full == "_codecs.encode") {
    if (argument<std::string>(arguments, 1, "_codecs.encode") != "latin1") refuse("encodes to something but latin1");
    return {latin1(argument<std::string>(arguments, 0, "_codecs.encode"))};
  }
  if (is_numpy_scalar(full))
    return numpy_number(argument<NumpyType>(arguments, 0, "numpy scalar"),
                        argument<Bytes>(arguments, 1, "numpy scalar"));
  refuse("calls " + in_quotes(full) + ", which is no function");
}

void TorchMeaning::set_state(Value& object, const Value& state) const {
  // What state_dict() adds to its dictionaries: versions of the modules, which load_state_dict looks at.
  if (std::holds_alternative<Dict>(object.is) && std::holds_alternative<Dict>(state.is)) return;
  const auto* const type = std::get_if<Tuple>(&state.is);
  if (!std::holds_alternative<NumpyType>(object.is) || type == nullptr)
    refuse("sets attributes of something that is neither a dictionary nor a numpy type");
  const auto& order = argument<std::string>(*type, 1, "the state of a numpy.dtype");
  if (order != "<" && order != "|" && order != "=")
    refuse("has a numpy number of byte order " + in_quotes(order) + "; only little endian is read");
}

Value TorchMeaning::persistent(const Value& id) {
  const auto* const tuple = std::get_if<Tuple>(&id.is);
  if (tuple == nullptr || (tuple->items.size() != 5 && tuple->items.size() != 6))
    refuse("refers to something outside that is no storage");
  constexpr const char* of = "a storage";
  if (argument<std::string>(*tuple, 0, of) != "storage") refuse("refers to something outside that is no storage");
  const auto& type = argument<Global>(*tuple, 1, of);
  const auto& key = argument<std::string>(*tuple, 2, of);
  argument<std::string>(*tuple, 3, of);  // the device that it came from
  const std::int64_t elements = argument<std::int64_t>(*tuple, 4, of);
  if (tuple->items.size() == 6 && !std::holds_alternative<None>(tuple->items[5]->is))
    refuse("has a storage that is a part of another one, as only PyTorch before 0.4 wrote it");
  const auto dtype = storage_type(type);
  if (!dtype) refuse("has a storage of type " + in_quotes(full_name(type)) + ", which is not known");
  StorageClaim claim{key, *dtype, static_cast<std::uint64_t>(elements), 0};
  if (elements < 0 || __builtin_mul_overflow(claim.elements, c10::elementSize(*dtype), &claim.bytes))
    refuse("has a storage with an impossible number of elements");
  const auto [known, is_new] = by_key_.emplace(key, storages_.size());
  if (is_new) {
    storages_.push_back(std::move(claim));
  } else if (const StorageClaim& first = storages_[known->second];
             first.dtype != claim.dtype || first.elements != claim.elements) {
    refuse("has storage " + in_quotes(key) + " a second time, with another type or size");
  }
  return {Storage{known->second}};
}

Value TorchMeaning::rebuild_tensor(const Tuple& arguments) const {
  constexpr const char* of = "_rebuild_tensor_v2";
  const StorageClaim& storage = storages_[argument<Storage>(arguments, 0, of).index];
  TensorView view{argument<Storage>(arguments, 0, of).index, storage.dtype, argument<std::int64_t>(arguments, 1, of),
                  sizes(argument<Tuple>(arguments, 2, of), "sizes"),
                  sizes(argument<Tuple>(arguments, 3, of), "strides")};
  require_empty(arguments, 5, "backward hooks");
  require_empty(arguments, 6, "metadata");
  if (view.shape.size() != view.strides.size()) refuse("has a tensor with fewer sizes than strides, or more");
  std::uint64_t elements = 1, last = static_cast<std::uint64_t>(view.offset), bytes = 0;
  bool fits = view.offset >= 0;
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    const auto size = static_cast<std::uint64_t>(view.shape[i]), stride = static_cast<std::uint64_t>(view.strides[i]);
    std::uint64_t reach = 0;
    fits = fits && !__builtin_mul_overflow(elements, size, &elements) &&
           (size == 0 ||
            (!__builtin_mul_overflow(size - 1, stride, &reach) && !__builtin_add_overflow(last, reach, &last)));
  }
  const bool inside = elements == 0 ? last <= storage.elements || view.offset == 0 : last < storage.elements;
  if (!fits || !inside)
    refuse("has a tensor that reaches beyond its storage " + in_quotes(storage.key) + " of " +
           std::to_string(storage.elements) + " elements");
  if (__builtin_mul_overflow(elements, c10::elementSize(view.dtype), &bytes) ||
      bytes > std::max(storage.bytes, max_tensor_bytes_))
    refuse("has a tensor that repeats its few numbers to more bytes than the file has");
  return {std::move(view)};
}

void PlainMeaning::allow(const Global& name) const { refuse_name(name); }
Value PlainMeaning::call(const Global& name, const Tuple&) { refuse_name(name); }
void PlainMeaning::set_state(Value&, const Value&) const { refuse("sets attributes"); }
Value PlainMeaning::persistent(const Value&) { refuse("refers to something outside"); }

}  // namespace dfpipe::detector
