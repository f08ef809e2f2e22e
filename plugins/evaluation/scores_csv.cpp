#include <charconv>

#include "csv.hpp"
#include "evaluation.hpp"

namespace dfpipe::evaluation {
namespace {

/// As many digits as are needed to read back the same double.
std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

std::string scores_header() { return "path,dataset,split,group,label,faces,score,called,problem\r\n"; }

std::string scores_row(const ScoredPicture& picture, double threshold) {
  using datasets::csv_field;
  const Sample& s = picture.sample;
  const std::string called = picture.score ? (metrics::is_fake(*picture.score, threshold) ? "fake" : "real") : "";
  const std::string problem = picture.score ? "" : picture.problem.code + ": " + picture.problem.message;
  return csv_field(s.path) + "," + csv_field(s.dataset) + "," + s.split + "," + csv_field(s.group) + "," +
         (s.label == 1 ? "fake" : "real") + "," + std::to_string(picture.faces) + "," +
         (picture.score ? shortest(*picture.score) : "") + "," + called + "," + csv_field(problem) + "\r\n";
}

}  // namespace dfpipe::evaluation
