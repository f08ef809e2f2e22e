#include "safetensors.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor data are copied as they lie in the file");

constexpr std::uint64_t max_header = 100'000'000;  // the reference implementation's limit

constexpr std::pair<const char*, at::ScalarType> dtypes[] = {
    {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}, {"I64", at::kLong},
    {"I32", at::kInt},    {"I16", at::kShort}, {"I8", at::kChar},  {"U8", at::kByte},       {"BOOL", at::kBool}};

std::optional<std::uint64_t> unsigned_number(const nlohmann::json& json) {
  if (!json.is_number_unsigned()) return std::nullopt;
  return json.get<std::uint64_t>();
}

}  // namespace

SafetensorsFile::SafetensorsFile(std::filesystem::path file)
    : path_(std::move(file)), map_(std::make_shared<const MappedFile>(path_)) {
  read_header();
}

void SafetensorsFile::fail(const std::string& what) const { throw ModelError(path_.string() + ": " + what); }

void SafetensorsFile::read_header() {
  const auto bytes = map_->bytes();
  if (bytes.size() < 8) fail("is cut in the header length (" + std::to_string(bytes.size()) + " bytes)");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  if (length > max_header)
    fail("says its header has " + std::to_string(length) + " bytes; at most " + std::to_string(max_header) +
         " are allowed. Is it a safetensors file?");
  if (length > bytes.size() - 8)
    fail("is cut in the header: " + std::to_string(length) + " bytes are announced, " +
         std::to_string(bytes.size() - 8) + " are there");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 8, length);
  const nlohmann::json header = parse_json_object(text, path_.string() + ": header", 4);
  const std::size_t data_begin = 8 + length;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      entries_.emplace(name, check_entry(name, value, data_begin));
      continue;
    }
    if (!value.is_object()) fail("__metadata__ is no object");
    for (const auto& [key, word] : value.items()) {
      if (!word.is_string()) fail("__metadata__: " + in_quotes(key) + " is no text");
      metadata_.emplace(key, word.get<std::string>());
    }
  }
  check_coverage(data_begin);
}

TensorEntry SafetensorsFile::check_entry(const std::string& name, const nlohmann::json& json,
                                         std::size_t data_begin) const {
  const std::string tensor = "tensor " + in_quotes(name) + ": ";
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets"))
    fail(tensor + "its entry must have dtype, shape and data_offsets, and nothing else");

  TensorEntry entry;
  const nlohmann::json& dtype = json["dtype"];
  const auto* const known = std::ranges::find_if(
      dtypes, [&](const auto& d) { return dtype.is_string() && dtype.get_ref<const std::string&>() == d.first; });
  if (known == std::end(dtypes))
    fail(tensor + "dtype " + (dtype.is_string() ? in_quotes(dtype.get_ref<const std::string&>()) : "(no text)") +
         " is not supported (F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL)");
  entry.dtype = known->second;

  const nlohmann::json& shape = json["shape"];
  if (!shape.is_array() || shape.size() > 8) fail(tensor + "its shape must be a list of at most 8 sizes");
  std::uint64_t size = c10::elementSize(entry.dtype);
  bool fits = true;
  for (const nlohmann::json& dim : shape) {
    const auto n = unsigned_number(dim);
    if (!n || *n > (std::uint64_t{1} << 48)) fail(tensor + "its shape must be a list of non-negative whole numbers");
    fits = fits && !__builtin_mul_overflow(size, *n, &size);
    entry.shape.push_back(static_cast<std::int64_t>(*n));
  }

  const nlohmann::json& offsets = json["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) fail(tensor + "data_offsets must be two numbers");
  const auto begin = unsigned_number(offsets[0]);
  const auto end = unsigned_number(offsets[1]);
  const std::size_t data_size = map_->bytes().size() - data_begin;
  if (!begin || !end || *begin > *end) fail(tensor + "data_offsets must be two non-negative, ascending whole numbers");
  if (*end > data_size)
    fail(tensor + "its data end at byte " + std::to_string(*end) + ", but the file has only " +
         std::to_string(data_size) + " bytes of data; is it cut?");
  if (!fits || size != *end - *begin)
    fail(tensor + "its shape does not fit its " + std::to_string(*end - *begin) + " bytes of data");
  entry.begin = data_begin + *begin;
  entry.end = data_begin + *end;
  return entry;
}

void SafetensorsFile::check_coverage(std::size_t data_begin) const {
  std::vector<const std::pair<const std::string, TensorEntry>*> by_place;
  for (const auto& entry : entries_) by_place.push_back(&entry);
  std::ranges::sort(by_place, {}, [](const auto* e) { return std::pair(e->second.begin, e->second.end); });
  std::size_t at = data_begin;
  const std::string* before = nullptr;
  for (const auto* e : by_place) {
    if (e->second.begin < at) fail("the data of " + in_quotes(e->first) + " overlap those of " + in_quotes(*before));
    if (e->second.begin > at)
      fail(std::to_string(e->second.begin - at) + " bytes before tensor " + in_quotes(e->first) + " belong to none");
    at = e->second.end;
    before = &e->first;
  }
  if (at != map_->bytes().size())
    fail(std::to_string(map_->bytes().size() - at) + " bytes after the last tensor belong to none");
}

const TensorEntry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail("has no tensor " + in_quotes(name));
  return found->second;
}

at::Tensor SafetensorsFile::load(const std::string& name) const {
  const TensorEntry& e = entry(name);
  at::Tensor out = at::empty(e.shape, at::TensorOptions().dtype(e.dtype));
  if (e.end == e.begin) return out;
  std::memcpy(out.data_ptr(), map_->bytes().data() + e.begin, e.end - e.begin);
  if (e.dtype == at::kBool) out = out.view(at::kByte).ne(0);  // any byte but 0 and 1 would be undefined as bool
  map_->forget(e.begin, e.end);
  return out;
}

void SafetensorsFile::forget(const std::string& name) const { map_->forget(entry(name).begin, entry(name).end); }

at::Tensor SafetensorsFile::view(const std::string& name) const {
  const TensorEntry& e = entry(name);
  if (e.end == e.begin || e.dtype == at::kBool || e.begin % c10::elementSize(e.dtype) != 0) return load(name);
  auto* const data = const_cast<std::byte*>(map_->bytes().data()) + e.begin;
  const auto forget = [map = map_, begin = e.begin, end = e.end](void*) { map->forget(begin, end); };
  return at::from_blob(data, e.shape, forget, at::TensorOptions().dtype(e.dtype));
}

}  // namespace dfpipe::detector
