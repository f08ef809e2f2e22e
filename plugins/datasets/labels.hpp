#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words that data sets use for classes and splits.
namespace dfpipe::datasets {

/// "train", "validation" or "test" for train, training, val, valid, validation, test, testing in any case; else
/// nothing.
std::optional<std::string_view> split_of(std::string_view word);

/// Names of classes. "real" and "fake" are known in any case, any other name must be mapped: the original takes every
/// name but "fake" for real, so that "Fakes" or "deepfake" count as genuine pictures.
class ClassNames {
 public:
  ClassNames() = default;
  /// Each element is "NAME=real" or "NAME=fake"; NAME is compared exactly and goes before the known ones. Throws Error
  /// ("usage").
  explicit ClassNames(const std::vector<std::string>& mapped);

  /// 0 genuine, 1 fake; nothing for a name that is not known.
  std::optional<std::int64_t> label_of(std::string_view name) const;

 private:
  std::map<std::string, std::int64_t, std::less<>> mapped_;
};

/// "real" or "fake".
std::string_view label_name(std::int64_t label);

/// ASCII letters in lower case, all else as it is.
std::string lower(std::string_view text);

}  // namespace dfpipe::datasets
