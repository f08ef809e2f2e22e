#pragma once

#include <memory>
#include <opencv2/objdetect.hpp>
#include <variant>

#include "model_files.hpp"
#include "pool.hpp"

namespace dfpipe::face {

/// A cascade out of the bytes of its XML file, which keeps state while it runs: one object a call in flight. Throws
/// std::runtime_error when the file is no cascade of `known`.
std::unique_ptr<cv::CascadeClassifier> read_cascade(const KnownFile& known, const ModelFile& file);

using CascadePool = Pool<cv::CascadeClassifier, std::monostate>;

}  // namespace dfpipe::face
