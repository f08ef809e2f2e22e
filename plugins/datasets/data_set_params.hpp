#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data_sets.hpp"
#include "dfpipe/error.hpp"
#include "dfpipe/param.hpp"

namespace dfpipe::datasets {

/// What the sources of labelled pictures have in common: which data sets, and how their words are read.
struct DataSetParams : ParamSet {
  const std::filesystem::path& ds1 =
      path("ds1", "", {.about = "a manifest, or a data set's folder with Train, Validation, Test", .required = true});
  const std::filesystem::path& ds2 = path("ds2", "", {.about = "another, if there is one"});
  const std::filesystem::path& ds3 = path("ds3", "", {.about = "another, if there is one"});
  const std::filesystem::path& ds4 = path("ds4", "", {.about = "another, if there is one"});
  const std::vector<std::string>& classes =
      texts("classes", {}, {.about = "what class names mean besides real and fake: NAME=real or NAME=fake"});
  const std::string& group_column =
      text("group_column", "group", {.about = "a manifest's column that names the person or the video"});

  /// All splits of all of them. Throws Error as read_data_sets does, and when none is named.
  DataSets read() const {
    std::vector<std::filesystem::path> places;
    for (const std::filesystem::path* place : {&ds1, &ds2, &ds3, &ds4})
      if (!place->empty()) places.push_back(*place);
    if (places.empty()) throw Error("ds1 is empty: name a manifest or a data set's folder");
    return read_data_sets(places, {.classes = ClassNames(classes), .group_column = group_column});
  }
};

}  // namespace dfpipe::datasets
