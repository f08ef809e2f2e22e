#include "http/keys.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "dfpipe/error.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/sha256.hpp"
#include "http/http_server.hpp"
#include "path_text.hpp"
#include "read_file.hpp"

namespace dfpipe::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t shortest_key = 16;
constexpr std::size_t longest_file = 1 << 20;

/// None of these sentences may hold anything of a line: it could be the key.
class KeyFile {
 public:
  explicit KeyFile(fs::path file) : file_(std::move(file)) {}

  std::map<std::string, std::string> read() {
    const std::string text = content();
    if (!files::is_utf8(text)) fail("is not UTF-8");
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      ++line_;
      read_line(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
    if (keys_.empty()) {
      line_ = 0;
      fail("holds no key; a line is NAME KEY");
    }
    warn_of_readers();
    return std::move(keys_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(file_.string() + (line_ > 0 ? ":" + std::to_string(line_) : "") + ": " + what);
  }

  std::string content() const {
    try {
      const auto bytes = files::read_file(file_, longest_file, {});
      return {bytes->begin(), bytes->end()};
    } catch (const Error& e) {
      fail(e.what());
    }
  }

  void read_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto is_control = [](char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7F'; };
    if (std::any_of(line.begin(), line.end(), is_control)) fail("a control character");
    const auto words = split(line);
    if (words.empty() || words[0].starts_with('#')) return;
    if (words.size() != 2) fail("a line is NAME KEY, or begins with #");
    add(std::string(words[0]), words[1]);
  }

  static std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
      const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
      words.push_back(line.substr(at, end - at));
      at = end;
    }
    return words;
  }

  void add(std::string name, std::string_view key) {
    const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
    if (!std::all_of(key.begin(), key.end(), is_plain)) fail("a key is made of plain ASCII characters");
    if (key.size() < shortest_key) fail("a key has at least " + std::to_string(shortest_key) + " characters");
    if (!names_.insert(name).second) fail("a second key of that name");
    if (!keys_.emplace(key_digest(key), std::move(name)).second) fail("the same key as in a line before");
  }

  void warn_of_readers() const {
    struct stat info {};
    if (::stat(file_.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0)
      log(LogLevel::warning, file_.string() + ": every user of this machine can read the API keys; chmod o-r");
  }

  fs::path file_;
  std::size_t line_ = 0;
  std::set<std::string> names_;
  std::map<std::string, std::string> keys_;
};

}  // namespace

std::string key_digest(std::string_view key) {
  const std::string hex = sha256_hex(key);
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::map<std::string, std::string> read_keys(const fs::path& file) { return KeyFile(file).read(); }

}  // namespace dfpipe::server
