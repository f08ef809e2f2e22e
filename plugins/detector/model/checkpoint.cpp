#include "checkpoint.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <set>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {

Checkpoint::Checkpoint(const std::filesystem::path& folder) : folder_(folder) {
  const auto single = folder / "model.safetensors";
  const auto index = folder / "model.safetensors.index.json";
  if (std::filesystem::exists(single)) {
    files_.emplace_back(single);
    for (const auto& [name, entry] : files_.front().entries()) names_.emplace(name, 0);
  } else if (std::filesystem::exists(index)) {
    open_shards(index);
  } else {
    throw ModelError(folder.string() + ": has neither model.safetensors nor model.safetensors.index.json");
  }
}

void Checkpoint::open_shards(const std::filesystem::path& index_file) {
  const nlohmann::json index = read_json_object(index_file);
  const auto map = index.find("weight_map");
  if (map == index.end() || !map->is_object() || map->empty())
    throw ModelError(index_file.string() + ": has no weight_map");
  std::map<std::string, std::size_t> shards;
  for (const auto& [name, file] : map->items()) {
    if (!file.is_string()) throw ModelError(index_file.string() + ": tensor " + in_quotes(name) + " has no file name");
    const auto& word = file.get_ref<const std::string&>();
    if (word.empty() || word.find('/') != std::string::npos || word.find('\0') != std::string::npos || word == "..")
      throw ModelError(index_file.string() + ": " + in_quotes(word) + " is no name of a file in this folder");
    const auto [shard, is_new] = shards.emplace(word, files_.size());
    if (is_new) files_.emplace_back(folder_ / word);
    if (!files_[shard->second].has(name))
      throw ModelError(files_[shard->second].path().string() + ": has no tensor " + in_quotes(name) +
                       ", which the index promises");
    names_.emplace(name, shard->second);
  }
  for (const SafetensorsFile& file : files_)
    for (const auto& [name, entry] : file.entries()) {
      const auto found = names_.find(name);
      if (found == names_.end() || &files_[found->second] != &file)
        throw ModelError(file.path().string() + ": tensor " + in_quotes(name) + " is not promised by the index");
    }
}

void require_finite(const at::Tensor& tensor, const std::string& where) {
  if (!tensor.is_floating_point()) return;
  // One pass that allocates nothing; only a suspicious sum (which may have overflowed) is looked at in detail.
  if (std::isfinite(tensor.sum().item<double>()) || at::isfinite(tensor).all().item<bool>()) return;
  throw ModelError(where + " holds numbers that are not finite (NaN or infinity)");
}

std::string shape_text(at::IntArrayRef sizes) {
  if (sizes.empty()) return "a single number";
  std::string text;
  for (const std::int64_t n : sizes) text += (text.empty() ? "" : "x") + std::to_string(n);
  return text;
}

std::string list_text(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += (i > 0 ? ", " : "") + in_quotes(names[i]);
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

}  // namespace dfpipe::detector
