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

/// Two fields; empty without a score.
std::string score_and_call(const std::optional<double>& score, double threshold) {
  if (!score) return ",";
  return shortest(*score) + "," + (metrics::is_fake(*score, threshold) ? "fake" : "real");
}

}  // namespace

std::string scores_header(const EvaluationOptions& options) {
  return std::string("path,dataset,split,group,label,faces,score,called,") +
         (options.calibrated_threshold() ? "calibrated,called_calibrated," : "") + "problem\r\n";
}

std::string scores_row(const ScoredPicture& picture, const EvaluationOptions& options) {
  using datasets::csv_field;
  const Sample& s = picture.sample;
  std::string row = csv_field(s.path) + "," + csv_field(s.dataset) + "," + s.split + "," + csv_field(s.group) + "," +
                    (s.label == 1 ? "fake" : "real") + "," + std::to_string(picture.faces) + "," +
                    score_and_call(picture.score, options.summary.threshold);
  if (const auto threshold = options.calibrated_threshold())
    row += "," + score_and_call(picture.calibrated, *threshold);
  const std::string problem = picture.score ? "" : picture.problem.code + ": " + picture.problem.message;
  return row + "," + csv_field(problem) + "\r\n";
}

}  // namespace dfpipe::evaluation
