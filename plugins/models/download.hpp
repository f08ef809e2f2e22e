#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "catalog.hpp"
#include "dfpipe/command.hpp"

namespace dfpipe::models {

struct DownloadOptions {
  std::string proxy;                           ///< in place of the environment's
  std::filesystem::path ca_file;               ///< in place of the system's certificates
  int retries = 5;                             ///< tries in a row that bring nothing new, after the first
  std::chrono::milliseconds retry_wait{1000};  ///< before the second try, then doubled up to a minute
  std::chrono::seconds stall{30};              ///< a connection that brings nothing for so long is given up
};

enum class Fetched { now, before };

/// Brings one listed file to `target`; its folder exists. A file that is there and is the listed one is left alone.
/// What an interrupted call has brought is not fetched again. Only whole files with the listed size and hash get the
/// name `target`. Throws dfpipe::Error when no address gives the file, or when console.stop() is requested;
/// dfpipe::Fatal when it cannot be written. One caller for each target.
Fetched download(const ListedFile& file, const std::filesystem::path& target, const DownloadOptions& options,
                 Console& console);

/// "512 bytes", "1.7 GB".
std::string bytes_text(std::uint64_t bytes);

}  // namespace dfpipe::models
