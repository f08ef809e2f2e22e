#include "backends.hpp"

#include <stdexcept>

#include "dlib_detector.hpp"
#include "haar_detector.hpp"
#include "model_files.hpp"
#include "yunet_detector.hpp"

namespace dfpipe::face {
namespace {

UsedFile used(const ModelFile& file) { return {file.path.filename().string(), file.sha256}; }

std::string_view best_present(const std::filesystem::path& models) {
  // With a mistyped folder a plainer detector would be taken in silence.
  if (std::error_code error; !models.empty() && !std::filesystem::is_directory(models, error))
    throw std::runtime_error(models.string() + ": there is no such folder of models");
  return find_model_file(yunet_file, models) ? "yunet" : "dlib";
}

}  // namespace

const std::vector<std::string>& backend_names() {
  static const std::vector<std::string> names{"auto", "yunet", "dlib", "haar"};
  return names;
}

Backend make_backend(std::string_view name, const std::filesystem::path& models, const DetectorOptions& options) {
  if (name == "auto") name = best_present(models);
  if (name == "yunet") {
    const ModelFile file = read_model_file(yunet_file, models);
    return {make_yunet_detector(file, options), {used(file)}};
  }
  if (name == "dlib") return {make_dlib_detector(options)};
  if (name == "haar") {
    const ModelFile file = read_model_file(face_cascade_file, models);
    return {make_haar_detector(file, options), {used(file)}};
  }
  throw std::invalid_argument("there is no face detector '" + std::string(name) + "'");
}

}  // namespace dfpipe::face
