#include "model_digest.hpp"

#include <algorithm>

#include "dfpipe/sha256.hpp"
#include "mapped_file.hpp"

namespace dfpipe::detector {
namespace {

/// A model may be larger than the memory: what has been read goes out of it again.
void update(Sha256& sum, const MappedFile& map) {
  constexpr std::size_t piece = 16u << 20;
  const auto bytes = map.bytes();
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::size_t n = std::min(piece, bytes.size() - at);
    sum.update(bytes.data() + at, n);
    map.forget(at, at + n);
  }
}

}  // namespace

std::string model_digest(const std::vector<ModelFile>& files) {
  Sha256 sum;
  for (const auto& file : files) {
    const MappedFile map(file.path);
    sum.update(file.role + " " + std::to_string(map.bytes().size()) + "\n");
    update(sum, map);
  }
  return sum.hex();
}

std::string file_digest(const std::filesystem::path& file) {
  Sha256 sum;
  update(sum, MappedFile(file));
  return sum.hex();
}

}  // namespace dfpipe::detector
