#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/sample.hpp"

namespace dfpipe::evaluation {

/// The code of a picture without a face, which is no error.
inline constexpr const char* no_face = "no_face";

/// Why a picture has no score.
struct Problem {
  std::string code;  ///< "no_face", or that of the node that failed
  std::string message;
};

/// The reason of a node, which names it; of no reason, "absent".
Problem problem_of(const ReasonPtr& why);

/// What the evaluation knows of one picture.
struct ScoredPicture {
  std::uint64_t index = 0;  ///< in the source's order, from 0
  Sample sample;
  std::size_t faces = 0;
  std::optional<double> score;       ///< probability of "fake", [0,1]
  std::optional<double> calibrated;  ///< the same after the model's calibration, if it has one
  Problem problem;                   ///< when there is no score
};

/// How several faces make one score: a picture is fake when one of its faces is, or the mean of all.
enum class SeveralFaces : std::uint8_t { max, mean };

/// The picture's score. A picture without a face has none ("no_face"); nor has one with a face that failed, since a
/// score of the others would be another number.
ScoredPicture score_picture(const List<FaceResult>& faces, SeveralFaces several);

/// One line of JSON, without newline, and back. `error` stands in it where a node failed, for --retry-errors. Throws
/// std::runtime_error when the line is none.
std::string to_line(const ScoredPicture& picture);
ScoredPicture from_line(const std::string& line);

}  // namespace dfpipe::evaluation
