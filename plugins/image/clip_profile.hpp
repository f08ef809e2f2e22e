#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "resample.hpp"

namespace dfpipe {

/// What a CLIP backbone expects of its pictures: the contents of a `preprocessor_config.json`.
struct ClipProfile {
  bool resize = true;
  std::int64_t shortest_edge = 224;  ///< 0: resize to exactly `resize_width` x `resize_height` instead
  std::int64_t resize_width = 0;
  std::int64_t resize_height = 0;
  resample::Filter filter = resample::Filter::bicubic;
  bool center_crop = true;
  int crop_width = 224;
  int crop_height = 224;
  bool rescale = true;
  double rescale_factor = 1.0 / 255;
  bool normalize = true;
  std::array<double, 3> mean{0.48145466, 0.4578275, 0.40821073};  ///< of R, G, B on the scale [0,1]
  std::array<double, 3> std{0.26862954, 0.26130258, 0.27577711};

  /// Size after the resize step: the shorter edge becomes `shortest_edge`, the longer one shortest * long / short,
  /// truncated.
  resample::Size resized(std::int64_t width, std::int64_t height) const;

  /// The value of each grey level in each channel: rescaled in double, cast to float32, normalised in float32.
  std::array<std::array<float, 256>, 3> table() const;
};

/// Reads the newer style (`"size": {"shortest_edge": 224}`, `"crop_size": {"height": …, "width": …}`) and the older one
/// (`"size": 224`). Missing keys keep the defaults above, unknown ones are passed over. Throws std::runtime_error with
/// "FILE: key: what is wrong".
ClipProfile parse_clip_profile(const std::string& json, const std::string& shown_name);

/// A profile file's contents. Throws std::runtime_error when it cannot be read.
std::string read_profile_text(const std::filesystem::path& file);

}  // namespace dfpipe
