#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dfpipe::face {

/// A file that a detector reads, and where people get it from.
struct KnownFile {
  std::string_view name;
  std::string_view what;
  std::string_view get;     ///< the command that brings it
  std::string_view folder;  ///< that the command makes below the folder of models; may be empty
};

inline constexpr KnownFile yunet_file{"face_detection_yunet_2023mar.onnx", "the network of YuNet",
                                      "dfpipe model fetch yunet-2023mar", "yunet-2023mar"};
inline constexpr KnownFile landmarker_file{"face_landmarker.task", "MediaPipe's Face Landmarker",
                                           "dfpipe model fetch mediapipe-face-landmarker", "mediapipe-face-landmarker"};
inline constexpr KnownFile face_cascade_file{"haarcascade_frontalface_alt.xml", "OpenCV's cascade for faces",
                                             "apt install opencv-data", ""};
inline constexpr KnownFile eye_cascade_file{"haarcascade_eye.xml", "OpenCV's cascade for eyes",
                                            "apt install opencv-data", ""};

/// A file's contents, as they were when it was read.
struct ModelFile {
  std::filesystem::path path;
  std::string bytes;
  std::string sha256;  ///< lower-case hex
};

/// Where `file` lies: in `models`, or in the folder that fetching it makes there; the cascades also where OpenCV's data
/// are installed. Nothing when it is in neither; an empty `models` is not searched. What is found need not be readable.
std::optional<std::filesystem::path> find_model_file(const KnownFile& file, const std::filesystem::path& models);

/// Finds and reads the whole of it. Throws std::runtime_error with one sentence that says which file and what to do
/// when it is missing, no file, unreadable, empty, larger than 64 MiB, or the pointer that git-lfs leaves in its place.
ModelFile read_model_file(const KnownFile& file, const std::filesystem::path& models);

/// Where to get it is added to what is wrong with it: "PATH: WRONG; get it with `…`" as a std::runtime_error.
[[noreturn]] void refuse_model_file(const KnownFile& file, const std::filesystem::path& path, const std::string& wrong);

}  // namespace dfpipe::face
