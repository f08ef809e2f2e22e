#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "dfpipe/value.hpp"

namespace dfpipe {

/// What a data set says of one picture.
struct Sample {
  std::int64_t label = 0;  ///< 0 genuine, 1 fake
  std::string dataset;
  std::string split;             ///< "train", "validation" or "test"
  std::string group;             ///< the person or the video it belongs to; empty: a group of its own
  std::string path;              ///< the file's name for people and outputs, valid UTF-8
  std::filesystem::path file{};  ///< where it lies
  std::string sha256{};          ///< that the list says, lower-case hex; empty when it says none
};

template <>
struct Type<Sample> {
  static constexpr std::string_view name = "sample";
  static std::string name_of(const Sample& sample) { return sample.path; }
};

}  // namespace dfpipe
