#include "api/picture_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace dfpipe::server {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(double seconds) { return std::round(seconds * 1e6) / 1e3; }

}  // namespace

FaceAnswer failed_face(const std::string& problem) {
  const Json null;
  const Json face{{"label", null},
                  {"confidence", null},
                  {"uncanny",
                   {{"symmetry", null},
                    {"eye_consistency", null},
                    {"texture", null},
                    {"edge_natural", null},
                    {"color_consistency", null},
                    {"noise_natural", null}}},
                  {"bbox", null},
                  {"gradcam", null},
                  {"whole_picture", false},
                  {"probability", null},
                  {"calibrated", null},
                  {"verdict", "inconclusive"},
                  {"band", null},
                  {"reasons", {"no_score"}},
                  {"box", null},
                  {"detector", ""},
                  {"detector_score", 0},
                  {"presence", null},
                  {"heatmap_box", null},
                  {"spectrum", null},
                  {"spectrum_profile", null},
                  {"heuristics", {{"measures", Json::array()}, {"total", null}, {"worst", null}}},
                  {"problems", {problem}}};
  return {face.dump(-1, ' ', false, Json::error_handler_t::replace), false};
}

std::string picture_json(const PictureTask& task, const ImageInfo& image, const std::vector<FaceAnswer>& faces,
                         const Identity& identity) {
  std::size_t found = 0, length = 2048;
  for (const FaceAnswer& face : faces) {
    found += face.whole_picture ? 0 : 1;
    length += face.json.size() + 1;
  }
  std::string text = "{\"faces\":[";
  text.reserve(length);
  for (std::size_t i = 0; i < faces.size(); ++i) text.append(i > 0 ? "," : "").append(faces[i].json);

  const PictureTask::Origin& origin = task.origin();
  const Json rest{{"face_count", found},
                  {"face_detected", found > 0},
                  {"file", origin.file_name.empty() ? Json(nullptr) : Json(origin.file_name)},
                  {"width", image.width},
                  {"height", image.height},
                  {"format", image.format},
                  {"bytes", image.bytes},
                  {"sha256", image.sha256},
                  {"orientation", image.orientation},
                  {"warnings", image.warnings},
                  {"threshold", identity.threshold},
                  {"timings",
                   {{"receive", milliseconds(task.receive_seconds())},
                    {"queue", milliseconds(task.queue_seconds())},
                    {"graph", milliseconds(task.graph_seconds())},
                    {"total", milliseconds(task.total_seconds())}}},
                  {"request_id", origin.request_id}};
  std::string tail = rest.dump(-1, ' ', false, Json::error_handler_t::replace);
  tail.pop_back();
  tail[0] = ',';
  return text.append("]")
             .append(tail)
             .append(",\"model\":")
             .append(identity.model)
             .append(",\"graph\":")
             .append(identity.graph) +
         "}";
}

}  // namespace dfpipe::server
