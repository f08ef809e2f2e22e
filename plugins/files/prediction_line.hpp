#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dfpipe/error.hpp"
#include "dfpipe/types/prediction.hpp"

namespace dfpipe::files {

/// What is the same in every line.
struct ModelFacts {
  std::string name;     ///< empty: no model in this run
  std::string trained;  ///< "true", "false", or empty when unknown
};

/// One image's results. What is null was not connected or has failed; `failure` says why.
struct ImageResults {
  std::uint64_t index = 0;  ///< in the source's order, from 0
  const std::string* path = nullptr;
  const ImageInfo* image = nullptr;
  const List<FaceResult>* faces = nullptr;
  ReasonPtr failure;
  std::vector<std::string> heatmaps;  ///< per face: file name relative to the output folder, or empty
};

/// The line of predictions.jsonl, without newline. Numbers are written with as many digits as are needed to read back
/// the same double; what is not finite or unknown is null.
std::string prediction_line(const ImageResults& results, const ModelFacts& model);

/// {"index": …, "file": null, "error": …} for an item that was discarded before it came to the sink.
std::string missing_line(std::uint64_t index, const std::string& node);

/// What becomes of text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a return).
enum class Formulas : std::uint8_t { kept, quoted };  ///< as it is; with an apostrophe in front

/// Writes a CSV file (RFC 4180: CRLF, quotes where needed) made from a file of such lines: one row for each face, and
/// one for each image without faces. The heuristics' columns come last, named as in the lines; where a measurement is
/// judged its column holds the score. Throws Fatal when it cannot be written.
void write_csv(const std::filesystem::path& jsonl, const std::filesystem::path& csv, Formulas formulas);

}  // namespace dfpipe::files
