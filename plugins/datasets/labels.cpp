#include "labels.hpp"

#include "dfpipe/error.hpp"

namespace dfpipe::datasets {
namespace {

std::optional<std::int64_t> known_label(std::string_view name) {
  const std::string word = lower(name);
  if (word == "real") return 0;
  if (word == "fake") return 1;
  return std::nullopt;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::optional<std::string_view> split_of(std::string_view word) {
  const std::string name = lower(word);
  if (name == "train" || name == "training") return "train";
  if (name == "val" || name == "valid" || name == "validation") return "validation";
  if (name == "test" || name == "testing") return "test";
  return std::nullopt;
}

ClassNames::ClassNames(const std::vector<std::string>& mapped) {
  for (const std::string& pair : mapped) {
    const std::size_t at = pair.rfind('=');
    const std::string name = pair.substr(0, at);
    const auto label = at == std::string::npos ? std::nullopt : known_label(pair.substr(at + 1));
    if (name.empty() || !label)
      throw Error("classes: '" + pair + "' is not of the form NAME=real or NAME=fake", "usage");
    if (const auto [found, fresh] = mapped_.emplace(name, *label); !fresh && found->second != *label)
      throw Error("classes: '" + name + "' is mapped to real and to fake", "usage");
  }
}

std::optional<std::int64_t> ClassNames::label_of(std::string_view name) const {
  const auto found = mapped_.find(name);
  return found != mapped_.end() ? found->second : known_label(name);
}

std::string_view label_name(std::int64_t label) { return label == 1 ? "fake" : "real"; }

}  // namespace dfpipe::datasets
