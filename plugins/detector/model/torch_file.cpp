#include "torch_file.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "error.hpp"
#include "json_file.hpp"
#include "torch_meaning.hpp"

namespace dfpipe::detector {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor data are copied as they lie in the file");

constexpr const char* legacy_magic = "119547037146038801333356";
constexpr std::int64_t legacy_protocol = 1001;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TorchFile::TorchFile(const std::filesystem::path& file) : map_(file), where_(file.string()) {
  const std::string_view begin = text_of(map_.bytes().first(std::min<std::size_t>(map_.bytes().size(), 4)));
  if (begin.starts_with("PK\3\4") || begin.starts_with("PK\5\6")) {
    open_zip();
  } else if (begin.starts_with("\x80")) {
    open_legacy();
  } else {
    fail("is no file of torch.save: it begins neither like a zip archive nor like a pickle");
  }
}

void TorchFile::fail(const std::string& what) const { throw ModelError(where_ + ": " + what); }

/// A stride of 0 repeats numbers: what such a tensor takes is bounded by what the file itself takes.
std::uint64_t TorchFile::max_tensor_bytes() const { return std::max<std::uint64_t>(map_.bytes().size(), 1u << 20); }

void TorchFile::open_zip() {
  zip_.emplace(map_.bytes(), where_);
  std::string root;
  for (const auto& [name, entry] : zip_->entries())
    if (name.ends_with("/data.pkl") && name.find('/') == name.size() - 9) {
      if (!root.empty()) fail("has two folders with a data.pkl");
      root = name.substr(0, name.size() - 8);
    }
  if (root.empty()) fail("is a zip archive without data.pkl, so torch.save did not write it");
  for (const auto& [name, entry] : zip_->entries())
    if (!name.starts_with(root)) fail("zip entry " + in_quotes(name) + " lies outside the folder " + in_quotes(root));
  if (zip_->entries().contains(root + "constants.pkl")) fail("is a TorchScript program, not a file of weights");
  if (zip_->entries().contains(root + "byteorder"))
    if (const auto order = text_of(zip_->read(root + "byteorder")); order != "little")
      fail("its byte order is " + in_quotes(order) + "; only little endian is read");

  TorchMeaning meaning(max_tensor_bytes());
  pickle_.emplace(zip_->read(root + "data.pkl"), where_ + ": data.pkl", meaning);
  if (const std::size_t size = zip_->read(root + "data.pkl").size(); pickle_->size() != size)
    fail("data.pkl: " + std::to_string(size - pickle_->size()) + " bytes after the pickle belong to nothing");
  for (const StorageClaim& claim : meaning.storages()) {
    const std::string name = root + "data/" + claim.key;
    const auto found = zip_->entries().find(name);
    if (found == zip_->entries().end()) fail("has no zip entry " + in_quotes(name) + ", which a tensor needs");
    const ZipEntry& e = found->second;
    if (e.end - e.begin != claim.bytes)
      fail("zip entry " + in_quotes(name) + " has " + std::to_string(e.end - e.begin) + " bytes instead of " +
           std::to_string(claim.bytes));
    storages_.push_back({name, e.begin, e.end});
  }
}

void TorchFile::open_legacy() {
  std::size_t at = 0;
  PlainMeaning plain;
  const auto next = [&](const char* part, PickleMeaning& meaning) {
    Pickle pickle(map_.bytes().subspan(at), where_ + ": " + part + " at byte " + std::to_string(at), meaning);
    at += pickle.size();
    return pickle;
  };
  const Pickle magic = next("magic number", plain);
  const auto* const number = std::get_if<LargeInteger>(&magic.root().is);
  if (number == nullptr || number->digits != legacy_magic) fail("is a pickle, but none that torch.save wrote");
  if (const Pickle protocol = next("protocol", plain); Place(protocol.root(), where_).integer() != legacy_protocol)
    fail("has another protocol of torch.save than " + std::to_string(legacy_protocol));
  const Pickle system = next("system description", plain);
  if (!Place(system.root(), where_)["little_endian"].truth()) fail("is big endian; only little endian is read");

  TorchMeaning meaning(max_tensor_bytes());
  pickle_.emplace(next("pickle", meaning));
  const Pickle key_list = next("list of storages", plain);
  std::map<std::string, std::size_t> wanted;
  for (const StorageClaim& claim : meaning.storages()) wanted.emplace(claim.key, wanted.size());
  storages_.resize(wanted.size());
  for (const Place& key : Place(key_list.root(), where_).items()) {
    const auto found = wanted.find(key.text());
    if (found == wanted.end()) fail("storage " + in_quotes(key.text()) + " stands there twice or belongs to no tensor");
    const StorageClaim& claim = meaning.storages()[found->second];
    const std::string storage = "storage " + in_quotes(claim.key);
    const std::size_t left = map_.bytes().size() - at;
    std::uint64_t elements = 0;
    if (left < 8) fail("is cut before " + storage);
    std::memcpy(&elements, map_.bytes().data() + at, 8);
    if (elements != claim.elements)
      fail(storage + " has " + std::to_string(elements) + " elements instead of " + std::to_string(claim.elements));
    if (claim.bytes > left - 8) fail("is cut in " + storage);
    storages_[found->second] = {"", at + 8, at + 8 + claim.bytes};
    at += 8 + claim.bytes;
    wanted.erase(found);
  }
  if (!wanted.empty()) fail("has no data for storage " + in_quotes(wanted.begin()->first));
  if (at != map_.bytes().size())
    fail(std::to_string(map_.bytes().size() - at) + " bytes after the last storage belong to none");
}

at::Tensor TorchFile::load(const TensorView& view) const {
  if (std::ranges::find(view.shape, 0) != view.shape.end()) return at::empty(view.shape, at::dtype(view.dtype));
  const StoragePlace& place = storages_.at(view.storage);
  const auto storage =
      place.entry.empty() ? map_.bytes().subspan(place.begin, place.end - place.begin) : zip_->read(place.entry);
  std::int64_t span = 1;
  for (std::size_t i = 0; i < view.shape.size(); ++i) span += (view.shape[i] - 1) * view.strides[i];
  at::Tensor flat = at::empty({span}, at::dtype(view.dtype));
  const auto width = static_cast<std::size_t>(flat.element_size());
  std::memcpy(flat.data_ptr(), storage.data() + static_cast<std::size_t>(view.offset) * width, flat.nbytes());
  if (view.dtype == at::kBool) flat = flat.view(at::kByte).ne(0);  // any byte but 0 and 1 would be undefined as bool
  return flat.as_strided(view.shape, view.strides).contiguous();
}

}  // namespace dfpipe::detector
