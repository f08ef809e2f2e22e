#pragma once

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "data_sets.hpp"
#include "dfpipe/command.hpp"
#include "dfpipe/error.hpp"

namespace dfpipe::datasets {

/// What the commands on data sets have in common.
struct DataParams : ParamSet {
  const std::vector<std::string>& roots =
      texts("roots", {}, {.about = "manifests, or folders with Train, Validation, Test", .positional = true});
  const std::vector<std::string>& classes =
      texts("classes", {}, {.about = "what class names mean besides real and fake: NAME=real or NAME=fake"});
  const std::string& group_column =
      text("group_column", "group", {.about = "a manifest's column that names the person or the video"});
  const std::int64_t& max_bytes =
      integer("max_bytes", std::int64_t{256} << 20, {.about = "larger files are refused", .unit = "bytes", .min = 1});
  const std::int64_t& threads = integer(
      "threads", 0, {.about = "files read at the same time; 0: as many as there are processors", .min = 0, .max = 256});

  DataSets read() const {
    if (roots.empty()) throw Error("name a manifest or a data set's folder", "usage");
    return read_data_sets({roots.begin(), roots.end()}, {.classes = ClassNames(classes), .group_column = group_column});
  }
  int workers() const {
    return threads > 0 ? static_cast<int>(threads)
                       : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  }
};

/// "1 picture", "2 pictures".
inline std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace dfpipe::datasets
