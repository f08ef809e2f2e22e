#include "picture_file.hpp"

#include "dfpipe/error.hpp"
#include "dfpipe/sha256.hpp"
#include "read_file.hpp"

namespace dfpipe::datasets {

std::optional<std::vector<std::uint8_t>> read_picture_file(const Sample& sample, const PictureFileOptions& options,
                                                           const std::stop_token& stop) {
  auto data = files::read_file(sample.file, options.max_bytes, stop);
  if (!data || !options.check_hash || sample.sha256.empty()) return data;
  if (const std::string now = sha256_hex(*data); now != sample.sha256)
    throw Error("the file is not the one in the manifest: SHA-256 " + now.substr(0, 12) + "…, listed " +
                    sample.sha256.substr(0, 12) + "…",
                "changed");
  return data;
}

}  // namespace dfpipe::datasets
