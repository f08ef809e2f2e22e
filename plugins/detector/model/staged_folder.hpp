#pragma once

#include <filesystem>

namespace dfpipe::detector {

/// What may happen to a folder that is there already.
enum class Overwrite : bool { refuse, replace };

/// A new folder beside `target` that takes its place as a whole when `publish` is reached, and vanishes otherwise.
/// Every error is a ModelError that names `target`.
class StagedFolder {
 public:
  /// Refuses a target that is there and not empty. With Overwrite::replace it refuses only what is no model: a folder
  /// with anything in it but the files that models are made of.
  StagedFolder(const std::filesystem::path& target, Overwrite overwrite);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where to write.
  const std::filesystem::path& path() const noexcept { return staged_; }
  void publish();

 private:
  std::filesystem::path target_, staged_;
};

}  // namespace dfpipe::detector
