#include "cascade.hpp"

#include <opencv2/core/persistence.hpp>

namespace dfpipe::face {

std::unique_ptr<cv::CascadeClassifier> read_cascade(const KnownFile& known, const ModelFile& file) {
  auto cascade = std::make_unique<cv::CascadeClassifier>();
  bool read = false;
  try {
    const cv::FileStorage storage(file.bytes, cv::FileStorage::READ | cv::FileStorage::MEMORY);
    read = storage.isOpened() && cascade->read(storage.getFirstTopLevelNode()) && !cascade->empty();
  } catch (const std::exception&) {  // OpenCV's message tells of its own source lines only
  }
  if (!read) refuse_model_file(known, file.path, "is no cascade of OpenCV, or was cut");
  return cascade;
}

}  // namespace dfpipe::face
