#include "json_file.hpp"

#include <fstream>
#include <set>
#include <vector>

#include "error.hpp"

namespace dfpipe::detector {

std::string in_quotes(std::string_view name) {
  std::string out = "'";
  for (const char c : name.substr(0, 120)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out + (name.size() > 120 ? "…'" : "'");
}

nlohmann::json parse_json_object(std::string_view text, const std::string& where, int max_depth) {
  using Json = nlohmann::json;
  std::vector<std::set<std::string>> keys;  // of the objects that are open, outermost first
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys.back().insert(key).second)
        throw ModelError(where + ": the key " + in_quotes(key) + " stands there twice");
    }
    if (depth > max_depth) throw ModelError(where + ": the JSON is nested deeper than " + std::to_string(max_depth));
    return true;
  };
  try {
    Json json = Json::parse(text.begin(), text.end(), check);
    if (!json.is_object()) throw ModelError(where + ": the JSON is no object");
    return json;
  } catch (const Json::parse_error& e) {
    throw ModelError(where + ": no valid JSON at byte " + std::to_string(e.byte));
  } catch (const Json::out_of_range&) {
    throw ModelError(where + ": a number in the JSON is too large");
  }
}

nlohmann::json read_json_object(const std::filesystem::path& file) {
  constexpr std::uintmax_t max_bytes = 64u << 20;
  std::error_code failed;
  // Asked before the file is opened: a FIFO would wait for a writer.
  if (std::filesystem::exists(file, failed) && !std::filesystem::is_regular_file(file, failed))
    throw ModelError(file.string() + ": is no regular file");
  std::ifstream in(file, std::ios::binary);
  const std::uintmax_t size = std::filesystem::file_size(file, failed);
  if (!in || failed) throw ModelError(file.string() + ": cannot be read");
  if (size > max_bytes) throw ModelError(file.string() + ": larger than 64 MiB, which no model description is");
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(in.gcount()) != size) throw ModelError(file.string() + ": cannot be read to its end");
  return parse_json_object(text, file.string(), 32);
}

}  // namespace dfpipe::detector
