#include "landmarker_task.hpp"

#include "zip_archive.hpp"

namespace dfpipe::face {
namespace {

tflite::Graph read_network(const detector::ZipArchive& archive, const std::string& member, const std::string& where) {
  return tflite::Graph::load(archive.read(member), where + ": " + member);
}

}  // namespace

LandmarkerTask LandmarkerTask::read(std::span<const std::byte> file, const std::string& where) {
  const detector::ZipArchive archive(file, where);
  return {read_network(archive, "face_detector.tflite", where),
          read_network(archive, "face_landmarks_detector.tflite", where)};
}

}  // namespace dfpipe::face
