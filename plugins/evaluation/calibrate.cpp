#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "calibration_file.hpp"
#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/sample.hpp"
#include "durable.hpp"
#include "fit_calibration.hpp"
#include "nodes.hpp"
#include "scored_picture.hpp"

namespace dfpipe::evaluation {
namespace {

namespace fs = std::filesystem;

/// Makes a model's probabilities mean what they say, and chooses from where on a picture is called fake: fits a
/// temperature and a threshold on labelled pictures and writes both as `calibration.json`, which the resource
/// `detector` reads from its model's folder.
///
/// The temperature T is that of the least log loss of 1 / (1 + exp(-z / T)), z a picture's log odds of "fake" (Guo et
/// al., 2017); it changes no order, so no AUC. The threshold is chosen on the same pictures:
///
///     eer           as many genuine pictures called fake as fakes genuine
///     balanced      the mean of both classes' recalls is largest
///     false-alarms  most fakes found while at most `most_false_alarms` of the genuine pictures are called fake
///
/// Use pictures that the model has not seen in training and that no result is reported on: the validation split. The
/// model's own temperature and threshold, if it has them, play no part. Of several faces in a picture the one with the
/// highest score counts; pictures without a score are left out and counted.
///
/// The file appears whole at the end of a run that was not stopped, in place of an earlier one. Without pictures of
/// both classes the run fails and an earlier file stays. T lies between 0.05 and 20; a bound that was reached is noted,
/// in the file as in the log.
///
///     fit: {type: calibrate, in: {sample: data.sample, faces: per-face.result},
///           with: {model: "${model}"}}
class CalibrateNode final : public Node {
  struct Params : ParamSet {
    const fs::path& model = path("model", "", {.about = "the model's folder", .required = true});
    const fs::path& file =
        path("file", "", {.about = "file to write; empty: calibration.json in the model's folder", .output = true});
    const std::string& threshold =
        choice("threshold", "eer",
               {.about = "equal errors, the largest mean of both recalls, or few false alarms",
                .choices = {"eer", "balanced", "false-alarms"}});
    const double& most_false_alarms =
        real("most_false_alarms", 0.05,
             {.about = "of the genuine pictures, for threshold: false-alarms", .min = 0, .max = 1});
    const std::int64_t& replicates =
        integer("replicates", 1000,
                {.about = "bootstrap samples for the temperature's interval; 0: none", .min = 0, .max = 100'000});
    const std::int64_t& bins = integer("bins", 15, {.about = "of the calibration errors", .min = 1, .max = 1000});
  };

 public:
  CalibrateNode()
      : Node({.about = "Fit a temperature and a threshold on labelled pictures and store them with the model.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  void open(OpenContext& context) override {
    name_ = context.name();
    options_.rule = params_.threshold == "eer"        ? metrics::ThresholdRule::equal_errors
                    : params_.threshold == "balanced" ? metrics::ThresholdRule::balanced_accuracy
                                                      : metrics::ThresholdRule::false_alarms;
    options_.most_false_alarms = params_.most_false_alarms;
    options_.bins = static_cast<std::size_t>(params_.bins);
    options_.bootstrap = {static_cast<std::size_t>(params_.replicates), context.seed()};
    for (const auto& [name, facts] : context.facts()) {
      if (facts.contains("sha256") && (options_.model.empty() || name == "detector")) options_.model = facts;
      if (facts.contains("list")) options_.data = facts;
    }
    if (options_.model.empty()) throw std::runtime_error("there is no detector in this pipeline to calibrate");
    file_ = params_.file.empty() ? params_.model / detector::calibration_name : params_.file;
    std::error_code error;
    fs::create_directories(fs::absolute(file_).parent_path(), error);
    if (error) throw std::runtime_error(file_.string() + ": its folder cannot be made: " + error.message());
    check_writable();
  }

  void process(Item& item) override {
    // A picture without a label is no sample of any class; its own node has told of the error.
    if (!item.has(sample_)) return;
    std::optional<double> log_odds;
    if (item.has(faces_) && score_picture(item[faces_], SeveralFaces::max).score) log_odds = highest(item[faces_]);
    pictures_.add(item[sample_], log_odds);
  }

  void close(Outcome outcome) override {
    if (outcome != Outcome::completed) return;
    const detector::Calibration calibration = fit_calibration(pictures_, options_);
    files::write_whole(file_, detector::calibration_text(calibration), files::Durability::power);
    log(LogLevel::info, name_ + ": " + sentence_of(calibration) + "; " + file_.string());
    for (const std::string& note : calibration.notes) log(LogLevel::warning, name_ + ": " + note);
  }

  Facts facts() const override { return {{"output", file_.string()}}; }

 private:
  /// Asked before the run, which may last hours, and again by the write itself.
  void check_writable() const {
    const fs::path folder = fs::absolute(file_).parent_path();
    if (access(folder.c_str(), W_OK | X_OK) != 0)
      throw std::runtime_error(file_.string() + ": cannot be written: " + std::generic_category().message(errno));
    if (fs::is_directory(file_)) throw std::runtime_error(file_.string() + ": is a folder, a file is wanted");
  }

  static std::optional<double> highest(const List<FaceResult>& faces) {
    std::optional<double> most;
    for (std::size_t i = 0; i < faces.size(); ++i)
      if (const auto& odds = faces.at(i).log_odds; odds && (!most || *odds > *most)) most = odds;
    return most;
  }

  Params params_;
  In<Sample> sample_{this, "sample", "label, data set, split, group"};
  In<List<FaceResult>> faces_{this, "faces", "what was found of each face"};
  std::string name_;
  fs::path file_;
  CalibrationOptions options_;
  CalibrationPictures pictures_;
};

}  // namespace

void register_calibrate(Registrar& registrar) { registrar.node<CalibrateNode>("calibrate"); }

}  // namespace dfpipe::evaluation
