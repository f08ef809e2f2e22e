#include "catalog.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>

#include "dfpipe/error.hpp"
#include "url.hpp"

namespace dfpipe::models {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t largest_list = std::uintmax_t{4} << 20;
constexpr std::uint64_t largest_file = std::uint64_t{1} << 50;

std::string text_of(const fs::path& file) {
  std::error_code failed;
  if (fs::exists(file, failed) && !fs::is_regular_file(file, failed))
    throw Error(file.string() + ": is no regular file");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(file.string() + ": cannot be read");
  if (fs::file_size(file, failed) > largest_list)
    throw Error(file.string() + ": larger than 4 MiB, no list of models is");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// JSON allows a key twice and readers take either; a list that is trusted must not depend on which.
Json parsed(const std::string& text, const std::string& where) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > 16) throw Error(where + ": nested too deeply");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw Error(where + ": the key '" + value.get<std::string>() + "' stands there twice");
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::parse_error& e) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, text.size()));
    throw Error(where + ":" + std::to_string(1 + std::count(text.begin(), end, '\n')) + ": no valid JSON");
  } catch (const Json::exception&) {
    throw Error(where + ": a number is too large");
  }
}

/// An object of the list and its name in messages.
class Entry {
 public:
  Entry(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) fail("is no object");
  }

  void only(const std::set<std::string>& known) const {
    for (const auto& [key, value] : json_.items())
      if (!known.contains(key)) fail("unknown key '" + key + "'");
  }
  const Json& at(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail(std::string("'") + key + "' is missing");
    return *found;
  }
  std::string text(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
      fail(std::string("'") + key + "' wants text");
    std::string text = value.get<std::string>();
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
      fail(std::string("'") + key + "' holds a control character");
    return text;
  }
  [[noreturn]] void fail(const std::string& why) const { throw Error(where_ + ": " + why); }
  const std::string& where() const { return where_; }

 private:
  const Json& json_;
  std::string where_;
};

bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '-' && name.front() != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos;
}

bool stays_inside(const std::string& name) {
  const fs::path path(name);
  return path.is_relative() && path.has_filename() &&
         std::ranges::none_of(path, [](const fs::path& piece) { return piece == ".." || piece == "."; });
}

std::vector<std::string> urls_of(const Entry& entry) {
  const Json& list = entry.at("urls");
  if (!list.is_array() || list.empty()) entry.fail("'urls' wants a list of addresses");
  std::vector<std::string> urls;
  for (const Json& url : list) {
    if (!url.is_string() || scheme_of(url.get<std::string>()).empty())
      entry.fail("'urls' wants addresses that begin with https:// or http://");
    urls.push_back(url.get<std::string>());
  }
  return urls;
}

ListedFile file_of(const Entry& entry) {
  entry.only({"name", "size", "sha256", "urls"});
  ListedFile file;
  file.name = entry.text("name");
  if (!stays_inside(file.name)) entry.fail("the name '" + file.name + "' leads out of the model's folder");
  const Json& size = entry.at("size");
  if (!size.is_number_unsigned() || size.get<std::uint64_t>() == 0 || size.get<std::uint64_t>() > largest_file)
    entry.fail("'size' wants the number of bytes");
  file.size = size.get<std::uint64_t>();
  file.sha256 = entry.text("sha256");
  if (file.sha256.size() != 64 || file.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
    entry.fail("'sha256' wants 64 lower-case hexadecimal digits");
  file.urls = urls_of(entry);
  return file;
}

ListedModel model_of(const Entry& entry) {
  entry.only({"about", "publisher", "licence", "files"});
  ListedModel model{entry.text("about"), entry.text("publisher"), entry.text("licence"), {}};
  const Json& files = entry.at("files");
  if (!files.is_array() || files.empty()) entry.fail("'files' wants a list");
  std::set<std::string> names;
  for (const Json& file : files) {
    model.files.push_back(file_of(Entry(file, entry.where() + ", file " + std::to_string(model.files.size() + 1))));
    if (!names.insert(model.files.back().name).second)
      entry.fail("the file '" + model.files.back().name + "' is listed twice");
  }
  return model;
}

}  // namespace

std::uint64_t ListedModel::size() const {
  std::uint64_t sum = 0;
  for (const ListedFile& file : files) sum += file.size;
  return sum;
}

Catalog read_catalog(const fs::path& file) {
  const std::string where = file.string();
  const Json json = parsed(text_of(file), where);
  const Entry whole(json, where);
  whole.only({"models"});
  if (!whole.at("models").is_object()) whole.fail("'models' is no object");
  Catalog catalog;
  for (const auto& [name, model] : whole.at("models").items()) {
    const Entry entry(model, where + ": model '" + name + "'");
    if (!is_model_name(name)) entry.fail("a name is made of lower-case letters, digits, '-', '_' and '.'");
    catalog.emplace(name, model_of(entry));
  }
  return catalog;
}

fs::path installed_catalog() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&installed_catalog), &here) == 0 || here.dli_fname == nullptr)
    throw Error("the list of models cannot be found; name one with --catalog");
  std::error_code failed;
  const fs::path plugin = fs::canonical(here.dli_fname, failed);  // it may be a link into another folder
  return (failed ? fs::path(here.dli_fname) : plugin).parent_path() / "models.catalog.json";
}

}  // namespace dfpipe::models
