#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "dfpipe/param.hpp"
#include "dfpipe/types/sample.hpp"

namespace dfpipe::datasets {

struct PictureFileOptions {
  std::uint64_t max_bytes = 0;
  bool check_hash = true;  ///< when the sample has one
};

/// The contents of a sample's file. Throws Error as files::read_file does, and with the code `changed` when its
/// SHA-256 is not the listed one. Gives nothing when a stop is requested meanwhile.
std::optional<std::vector<std::uint8_t>> read_picture_file(const Sample& sample, const PictureFileOptions& options,
                                                           const std::stop_token& stop = {});

/// The parameters of nodes that read pictures, added to their others.
template <class Others>
struct WithPictureFiles : Others {
  const bool& check_hashes =
      this->boolean("check_hashes", true, {.about = "compare each file with the manifest's SHA-256, where it has one"});
  const std::int64_t& max_bytes = this->integer(
      "max_bytes", std::int64_t{256} << 20,
      {.about = "larger files are refused unread; every live item may hold one", .unit = "bytes", .min = 1});

  PictureFileOptions file_options() const {
    return {.max_bytes = static_cast<std::uint64_t>(max_bytes), .check_hash = check_hashes};
  }
};

}  // namespace dfpipe::datasets
