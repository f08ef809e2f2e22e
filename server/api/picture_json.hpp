#pragma once

#include <string>
#include <vector>

#include "api/picture.hpp"
#include "api/site.hpp"
#include "dfpipe/types/basic.hpp"

namespace dfpipe::server {

/// One face as JSON (`Face` of openapi.yaml), made where the face is judged.
struct FaceAnswer {
  std::string json;
  bool whole_picture = false;
};

/// The JSON of a face of which nothing is known but why.
FaceAnswer failed_face(const std::string& problem);

/// `Picture` of openapi.yaml.
std::string picture_json(const PictureTask& task, const ImageInfo& image, const std::vector<FaceAnswer>& faces,
                         const Identity& identity);

}  // namespace dfpipe::server

template <>
struct dfpipe::Type<dfpipe::server::FaceAnswer> {
  static constexpr std::string_view name = "face-answer";
};
