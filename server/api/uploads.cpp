#include "api/uploads.hpp"

#include "http/text.hpp"

namespace dfpipe::server {
namespace {

Refusal no_image() { return Refusal(400, "no_image", "No image provided"); }

/// Form encodings of clients that sent no file at all: the original answers them alike.
bool is_empty_form(std::string_view type) {
  return type.empty() || type.starts_with("application/x-www-form-urlencoded");
}

}  // namespace

UploadReader::UploadReader(const RequestHead& head, std::size_t files, std::uint64_t bytes) : files_(files) {
  const std::string type = lower_case(head.field("Content-Type"));
  if (type.starts_with("multipart/")) {
    // Fields besides the files are read over, but not without a limit.
    const MultipartLimits limits{.parts = files + 16, .total = bytes};
    parts_.emplace(multipart_boundary(head.field("Content-Type"), limits), limits,
                   [](std::string_view name) { return name == "image"; });
  } else if (type.starts_with("image/") || type == "application/octet-stream") {
    whole_.reserve(head.content_length);
  } else if (is_empty_form(type)) {
    throw no_image();
  } else {
    throw Refusal(415, "content_type", "Pictures come as multipart/form-data in the field 'image', or as image/*");
  }
}

void UploadReader::receive(std::string_view bytes) {
  if (parts_)
    parts_->feed(bytes);
  else
    whole_.insert(whole_.end(), bytes.begin(), bytes.end());
}

std::vector<Upload> UploadReader::finish() {
  std::vector<Upload> uploads;
  if (!parts_) {
    uploads.push_back({"", std::move(whole_)});
    return uploads;
  }
  for (Part& part : parts_->finish()) uploads.push_back({std::move(part.file_name), std::move(part.data)});
  if (uploads.empty()) throw no_image();
  if (uploads.size() > files_)
    throw Refusal(413, "too_many_files", "More than " + std::to_string(files_) + " files in one request");
  return uploads;
}

}  // namespace dfpipe::server
