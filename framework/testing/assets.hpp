#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace dfpipe::testing {

/// The folder of test pictures and models that are not part of the project: DFPIPE_TEST_ASSETS, or else shared/assets
/// beside the project's own folder. It may be absent.
inline std::filesystem::path assets() {
  const char* const named = std::getenv("DFPIPE_TEST_ASSETS");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(DFPIPE_SOURCE_DIR).parent_path() / "shared/assets";
}

/// Why a test that needs this file or folder of it is skipped; nothing when it is there.
inline std::string why_no_asset(const std::filesystem::path& name) {
  if (std::filesystem::exists(assets() / name)) return {};
  return (assets() / name).string() + " is not there: DFPIPE_TEST_ASSETS names the folder of test assets";
}

}  // namespace dfpipe::testing
