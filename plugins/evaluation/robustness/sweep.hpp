#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dfpipe/resource.hpp"
#include "dfpipe/types/degradation.hpp"
#include "dfpipe/types/prediction.hpp"
#include "group_numbers.hpp"
#include "scored_picture.hpp"
#include "summary.hpp"

/// What a robustness sweep finds: how well scores tell fakes from genuine pictures after each degradation.
namespace dfpipe::evaluation {

/// "none", "jpeg 40", "resize 112 area"
std::string name_of(const Degradation& degradation);
/// Back again. Throws std::runtime_error when it is no such name.
Degradation degradation_of(const std::string& name);

/// One picture's scores, in the order of the settings.
struct SweptPicture {
  std::uint64_t index = 0;  ///< in the source's order, from 0
  Sample sample;
  std::size_t faces = 0;
  std::vector<Degradation> settings;
  std::vector<std::optional<double>> scores;  ///< probability of "fake", as many as settings; of no face none at all
  Problem problem;                            ///< the first of those without a score
};

/// `settings` and `results` have an element for each face, a list in the settings' order. Throws Error "settings" when
/// the faces were not swept alike.
SweptPicture sweep_picture(const List<List<Degradation>>& settings, const List<List<FaceResult>>& results,
                           SeveralFaces several);

/// One line of JSON, without newline, and back; as those of ScoredPicture. Throws std::runtime_error when it is none.
std::string to_line(const SweptPicture& picture);
SweptPicture swept_from_line(const std::string& line);

struct SweepOptions {
  metrics::SummaryOptions summary;
  SeveralFaces several = SeveralFaces::max;
  Facts model;  ///< of the detector
  Facts data;   ///< of the source
};

/// One degradation's numbers.
struct SweptSetting {
  Degradation degradation;
  metrics::Summary summary;
  std::size_t not_scored = 0;
  std::optional<double> auc_drop;              ///< AUC without a degradation less that with it
  std::optional<double> mean_real, mean_fake;  ///< mean scores
};

struct Sweep {
  SweepOptions options;
  std::size_t pictures = 0, not_swept = 0;  ///< all; of them those without a face, or that could not be read
  std::vector<SweptSetting> settings;       ///< in the order of the first picture that has any
  std::vector<std::string> notes;           ///< what a reader must know, in sentences
};

/// Collects pictures one by one: of each it keeps a number for each setting.
class SweepCollector {
 public:
  /// Throws std::runtime_error when the picture was swept with other settings than those before.
  void add(const SweptPicture& picture);
  Sweep finish(SweepOptions options) const;

 private:
  struct Row {
    std::int64_t label;
    std::size_t group;
    std::vector<std::optional<double>> scores;
  };
  SweptSetting of(std::size_t setting, const metrics::SummaryOptions& options) const;

  std::size_t pictures_ = 0, not_swept_ = 0;
  std::vector<Degradation> settings_;
  std::vector<Row> rows_;
  GroupNumbers groups_;
};

/// robustness.json, robustness.csv (RFC 4180) and robustness.html: the same bytes for the same sweep.
std::string sweep_json(const Sweep& sweep);
std::string sweep_csv(const Sweep& sweep);
std::string sweep_page(const Sweep& sweep);

}  // namespace dfpipe::evaluation
