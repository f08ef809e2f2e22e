#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/sample.hpp"
#include "durable.hpp"
#include "evaluation.hpp"
#include "nodes.hpp"
#include "report/page.hpp"
#include "resumable_lines.hpp"

namespace dfpipe::evaluation {
namespace {

namespace fs = std::filesystem;

constexpr int record_format = 1;

/// Compares scores with labels and writes into a folder
///
///     metrics.json         every number, with 95 % intervals: all pictures, each data set, by group
///     report.html          the same to look at, one file with its drawings, no script, nothing fetched
///     scores.csv           a row a picture
///     scores.jsonl         the same, written while the run lasts
///     evaluation.run.json  what `--resume` needs
///
/// A picture's score is its face's probability of "fake"; of several faces the highest, or the mean. A picture that
/// cannot be read, has no face, or whose face fails has no score: it is counted, listed with its reason, and no part of
/// any number. What has no value (one class only, no pictures) is null with its reason.
///
/// ROC-AUC, average precision, EER (interpolated; at the nearest point; at the nearest point of scikit-learn's thinned
/// curve, as the original has it), TPR at 1 and 5 % FPR, accuracy, balanced accuracy, precision, recall, F1, Matthews'
/// correlation, Brier score, log loss, calibration error (15 bins: of the probability, of the class called). Intervals
/// are a bootstrap over groups: pictures of one person or video are resampled together.
///
/// With a calibration of the model (see detector) the calibrated probabilities at its threshold are measured as well.
///
/// metrics.json, report.html and scores.csv appear whole at the end, in place of earlier ones; a stopped run writes
/// what it has, and `--resume` goes on. Without `--resume` earlier scores become scores.prev.jsonl. Two runs cannot
/// share a folder.
///
///     report: {type: metrics, in: {sample: data.sample, faces: per-face.result}, with: {dir: "${output}"}}
class MetricsNode final : public Node {
  struct Params : ParamSet {
    const fs::path& dir =
        path("dir", "", {.about = "folder to write into; made if missing", .required = true, .output = true});
    const double& threshold =
        real("threshold", 0.5, {.about = "at least this score is called fake", .min = 0, .max = 1});
    const std::string& several_faces = choice(
        "several_faces", "max",
        {.about = "the score of a picture with several faces: the highest, or the mean", .choices = {"max", "mean"}});
    const std::int64_t& replicates = integer(
        "replicates", 1000, {.about = "bootstrap samples for the intervals; 0: none", .min = 0, .max = 100'000});
    const std::int64_t& bins = integer("bins", 15, {.about = "of the calibration errors", .min = 1, .max = 1000});
  };

 public:
  MetricsNode()
      : Node({.about = "Compare scores with labels: ROC-AUC, EER, calibration and more, as JSON, CSV and a page.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  void open(OpenContext& context) override {
    name_ = context.name();
    lines_.emplace(params_.dir, "scores", "evaluation", record_format);
    options_.summary.threshold = params_.threshold;
    options_.summary.bins = static_cast<std::size_t>(params_.bins);
    options_.summary.bootstrap = {static_cast<std::size_t>(params_.replicates), context.seed()};
    options_.several = params_.several_faces == "max" ? SeveralFaces::max : SeveralFaces::mean;
    for (const auto& [name, facts] : context.facts()) {
      if (facts.contains("model") && (options_.model.empty() || name == "detector")) options_.model = facts;
      if (facts.contains("list")) options_.data = facts;
    }
  }

  std::optional<Checkpoint> resume(bool retry_errors) override { return lines_->resume(retry_errors); }
  void begin(const Checkpoint& checkpoint) override { lines_->begin(checkpoint); }

  void process(Item& item) override {
    const std::uint64_t index = item.key().index;
    files::Ledger& ledger = lines_->ledger();
    if (was_stopped(item) || !ledger.wants(index)) return;
    // Whose sample never came cannot be counted for any data set, and must not be forgotten either.
    if (ledger.next() < index || !item.has(sample_))
      throw Fatal(name_ + ": a picture came without its label" +
                  (item.why(sample_) ? ": " + item.why(sample_)->text() : ""));
    ScoredPicture picture;
    if (item.has(faces_)) {
      picture = score_picture(item[faces_], options_.several);
    } else {
      picture.problem = problem_of(item.why(faces_));
    }
    picture.index = index;
    picture.sample = item[sample_];
    ledger.put(index, to_line(picture));
  }

  void close(Outcome outcome) override {
    if (lines_ && lines_->begun()) {
      lines_->finish();
      if (outcome != Outcome::failed) write_results();
    }
    lines_.reset();
  }

  Facts facts() const override { return {{"output", params_.dir.string()}}; }

 private:
  /// A stop is no result: the picture is left for `--resume`.
  bool was_stopped(const Item& item) const {
    const auto stopped = [](const ReasonPtr& why) { return why && why->kind == Reason::Kind::stopped; };
    if (stopped(item.why(sample_)) || stopped(item.why(faces_))) return true;
    return item.has(faces_) &&
           std::ranges::any_of(item[faces_].cells(), [&](const Cell& cell) { return stopped(cell.why()); });
  }

  void write_results() const {
    std::vector<ScoredPicture> pictures;
    const fs::path& dir = lines_->dir();
    std::ifstream in(lines_->lines(), std::ios::binary);
    if (!in) throw Fatal(lines_->lines().string() + ": cannot be read");
    for (std::string line; std::getline(in, line);) pictures.push_back(from_line(line));
    files::PartFile table(dir / "scores.csv");
    table.write(scores_header(options_));
    for (const ScoredPicture& picture : pictures) table.write(scores_row(picture, options_));
    table.finish(files::Durability::process);
    const Evaluation evaluation = evaluate(pictures, options_);
    files::write_whole(dir / "report.html", report_page(evaluation), files::Durability::process);
    files::write_whole(dir / "metrics.json", metrics_json(evaluation), files::Durability::power);
    tell(evaluation);
  }

  void tell(const Evaluation& evaluation) const {
    const metrics::Metric& auc = evaluation.all.summary.metric("roc_auc");
    log(LogLevel::info, name_ + ": " + headline(evaluation, auc) + "; " + (params_.dir / "report.html").string());
    for (const std::string& note : evaluation.notes) log(LogLevel::warning, name_ + ": " + note);
  }

  static std::string headline(const Evaluation& evaluation, const metrics::Metric& auc) {
    const auto digits = [](double value) {
      char text[16];
      std::snprintf(text, sizeof text, "%.4f", value);
      return std::string(text);
    };
    std::string text = "ROC-AUC " + (auc.value ? digits(*auc.value) : "none (" + auc.why + ")");
    if (auc.interval) text += " (95 %: " + digits(auc.interval->low) + " to " + digits(auc.interval->high) + ")";
    return text + " on " + std::to_string(evaluation.all.summary.count) + " of " +
           std::to_string(evaluation.all.pictures) + " pictures";
  }

  Params params_;
  In<Sample> sample_{this, "sample", "label, data set, split, group"};
  In<List<FaceResult>> faces_{this, "faces", "what was found of each face"};
  std::string name_;
  std::optional<files::ResumableLines> lines_;
  EvaluationOptions options_;
};

}  // namespace

void register_metrics(Registrar& registrar) { registrar.node<MetricsNode>("metrics"); }

}  // namespace dfpipe::evaluation
