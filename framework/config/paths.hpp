#pragma once

#include <filesystem>
#include <string>

namespace dfpipe::config {

/// The folder that relative paths in `file` resolve against: the nearest ancestor that holds a folder `pipelines` or a
/// file `.dfpipe`, else the file's own folder. Spelled relative to the working directory when it lies inside ("" when
/// it is the working directory), absolute otherwise.
std::filesystem::path project_root(const std::filesystem::path& file);

/// `text` as a path, resolved against `root`. Absolute paths stay; "~/" is the home folder; a leading "@" (a list
/// of files) stays in front.
std::filesystem::path resolved_path(const std::string& text, const std::filesystem::path& root);

/// The same place without regard to the working directory.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// "did you mean 'predict.yaml'?" for a file that does not exist, or "".
std::string nearest_file(const std::filesystem::path& missing);

}  // namespace dfpipe::config
