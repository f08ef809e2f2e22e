#include <fstream>
#include <optional>

#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/sample.hpp"
#include "durable.hpp"
#include "nodes.hpp"
#include "resumable_lines.hpp"
#include "robustness/sweep.hpp"

namespace dfpipe::evaluation {
namespace {

namespace fs = std::filesystem;

constexpr int record_format = 1;

/// Tells how well scores hold when pictures get worse: gathers each picture's scores under every degradation and writes
/// into a folder
///
///     robustness.json      for each degradation ROC-AUC, EER, accuracy, Brier score and log loss, with 95 % intervals;
///                          the fall of the AUC; the mean scores of genuine pictures and fakes
///     robustness.csv       the same, a row a degradation
///     robustness.html      the same to look at: AUC against strength, one drawing a kind; no script, nothing fetched
///     scores.jsonl         a line a picture with all its scores, written while the run lasts
///     robustness.run.json  what `--resume` needs
///
/// A picture's score is that of the sink `metrics`: of several faces the highest, or the mean. Where a degradation or a
/// judgement fails, the picture is left out at that setting and counted; pictures that cannot be read or have no face
/// are left out everywhere. Intervals are a bootstrap by group. The files appear whole at the end, in place of earlier
/// ones; a stopped run writes what it has. In memory there is a number for each picture and degradation.
///
///     table: {type: robustness-table, in: {sample: data.sample, settings: per-face.settings,
///             results: per-face.results}, with: {dir: "${output}"}}
class RobustnessTable final : public Node {
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
  };

 public:
  RobustnessTable()
      : Node({.about = "Compare scores with labels under each degradation, as JSON, CSV and a page with curves.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  void open(OpenContext& context) override {
    name_ = context.name();
    lines_.emplace(params_.dir, "scores", "robustness", record_format);
    options_.summary.threshold = params_.threshold;
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
    if (ledger.next() < index || !item.has(sample_))
      throw Fatal(name_ + ": a picture came without its label" +
                  (item.why(sample_) ? ": " + item.why(sample_)->text() : ""));
    SweptPicture picture;
    if (item.has(results_) && item.has(settings_))
      picture = sweep_picture(item[settings_], item[results_], options_.several);
    else
      picture.problem = problem_of(item.why(results_) ? item.why(results_) : item.why(settings_));
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
    if (stopped(item.why(sample_)) || stopped(item.why(results_)) || stopped(item.why(settings_))) return true;
    if (!item.has(results_)) return false;
    for (const Cell& face : item[results_].cells()) {
      if (stopped(face.why())) return true;
      if (face.has())
        for (const Cell& one : face.value().as<List<FaceResult>>().cells())
          if (stopped(one.why())) return true;
    }
    return false;
  }

  void write_results() const {
    SweepCollector collector;
    std::ifstream in(lines_->lines(), std::ios::binary);
    if (!in) throw Fatal(lines_->lines().string() + ": cannot be read");
    for (std::string line; std::getline(in, line);) collector.add(swept_from_line(line));
    const Sweep sweep = collector.finish(options_);
    const fs::path& dir = lines_->dir();
    files::write_whole(dir / "robustness.csv", sweep_csv(sweep), files::Durability::process);
    files::write_whole(dir / "robustness.html", sweep_page(sweep), files::Durability::process);
    files::write_whole(dir / "robustness.json", sweep_json(sweep), files::Durability::power);
    log(LogLevel::info, name_ + ": " + std::to_string(sweep.pictures) + " pictures under " +
                            std::to_string(sweep.settings.size()) + " settings; " +
                            (params_.dir / "robustness.html").string());
    for (const std::string& note : sweep.notes) log(LogLevel::warning, name_ + ": " + note);
  }

  Params params_;
  In<Sample> sample_{this, "sample", "label, data set, split, group"};
  In<List<List<Degradation>>> settings_{this, "settings", "of each face, what was done to it"};
  In<List<List<FaceResult>>> results_{this, "results", "of each face, what was found after each degradation"};
  std::string name_;
  std::optional<files::ResumableLines> lines_;
  SweepOptions options_;
};

}  // namespace

void register_robustness_table(Registrar& registrar) { registrar.node<RobustnessTable>("robustness-table"); }

}  // namespace dfpipe::evaluation
