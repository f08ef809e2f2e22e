#include <algorithm>
#include <memory>
#include <optional>

#include "durable.hpp"
#include "ledger.hpp"
#include "nodes.hpp"
#include "prediction_line.hpp"
#include "result_names.hpp"
#include "run_record.hpp"

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;

constexpr int record_format = 2;

/// Writes the results into a folder, one line for each image in the order of the source:
///
///     predictions.jsonl     index (of the image, from 0), file, sha256, width, height, format, faces, face_count,
///                           model, trained, warnings; or index, file and error {node, code, message}. A face that
///                           failed holds its own error in its place.
///     predictions.csv       made from it at the end: one row a face, its heat map's file and its heuristics included
///     heatmaps/N_F.png      of face F of image N, both counted from 0
///     predictions.run.json  what `--resume` needs: the list of files, a hash of configuration and model
///
/// `label` and `probability` are the model's own; where it has a calibration, `calibrated_label` and `calibrated` stand
/// beside them. A face's `box` is the detector's: x, y, width, height. Its `crop` is what the model saw: left, top,
/// right, bottom, the last two exclusive. Both in pixels of the upright image.
///
/// A line is written whole, after its heat-maps are in place: whatever ends the process leaves valid files, and
/// `--resume` goes on behind the last whole line; `--retry-errors` does the failed images again as well. Without
/// `--resume` an earlier result becomes predictions.prev.jsonl (.csv, heatmaps.prev); files of other names are left
/// alone. Two runs cannot share a folder. A write that fails (a full disk) ends the run.
///
///     report: {type: predictions, in: {path: files.path, image: decode.info, faces: per-face.result},
///              with: {dir: "${output}"}}
class Predictions final : public Node {
  struct Params : ParamSet {
    const fs::path& dir =
        path("dir", "", {.about = "folder to write into; made if missing", .required = true, .output = true});
    const bool& csv = boolean("csv", true, {.about = "make predictions.csv at the end"});
    const bool& csv_safe =
        boolean("csv_safe", false,
                {.about = "in the table, put ' before text that a spreadsheet would run as a formula (=HYPERLINK)"});
    const bool& heatmaps = boolean("heatmaps", true, {.about = "write the faces' heat-maps as PNG files"});
  };

 public:
  Predictions()
      : Node({.about =
                  "Write one JSON line for each image, with heat-maps and a CSV table; can be resumed. A face's box is "
                  "[x, y, width, height], its crop [left, top, right, bottom], right and bottom exclusive.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  void open(OpenContext& context) override {
    name_ = context.name();
    dir_ = fs::absolute(params_.dir);
    std::error_code error;
    fs::create_directories(dir_, error);
    if (error) throw std::runtime_error(params_.dir.string() + ": cannot be made: " + error.message());
    lock_.emplace(dir_);
    model_ = model_facts(context.facts());
  }

  std::optional<Checkpoint> resume(bool retry_errors) override {
    const bool has_lines = fs::exists(lines_file());
    if (!fs::exists(record_file())) {
      if (!has_lines) return std::nullopt;
      throw std::runtime_error(record_file().string() + " is missing, so the results there cannot be continued; run " +
                               "without --resume to start again");
    }
    Checkpoint found = read_run_record(record_file(), record_format);
    Past past;
    if (has_lines) past = survey(lines_file());
    found.position = past.lines;
    if (retry_errors)
      found.missing = std::move(past.failed);
    else
      found.failed = past.failed.size();
    resumed_ = true;
    return found;
  }

  void begin(const Checkpoint& checkpoint) override {
    if (!resumed_) put_earlier_aside();
    write_run_record(record_file(), record_format, checkpoint);
    if (params_.heatmaps) fs::create_directories(dir_ / heatmaps_name);
    ledger_ = resumed_ ? std::make_unique<Ledger>(lines_file(), checkpoint.position, checkpoint.missing)
                       : std::make_unique<Ledger>(lines_file(), 0, std::vector<std::uint64_t>{});
    sync_folder(dir_);
  }

  void process(Item& item) override {
    const std::uint64_t index = item.key().index;
    if (was_stopped(item) || !ledger_->wants(index)) return;
    while (ledger_->next() < index) ledger_->put(ledger_->next(), missing_line(ledger_->next(), name_));
    ImageResults results{.index = index};
    if (item.has(path_)) results.path = &item[path_];
    if (item.has(image_)) results.image = &item[image_];
    if (item.has(faces_)) results.faces = &item[faces_];
    results.failure = item.why(image_) ? item.why(image_) : item.why(faces_);
    if (results.faces && !results.failure) results.heatmaps = write_heatmaps(*results.faces, index);
    ledger_->put(index, prediction_line(results, model_));
  }

  void close(Outcome outcome) override {
    if (ledger_) {
      ledger_->finish();
      ledger_.reset();
      if (params_.csv && outcome != Outcome::failed)
        write_csv(lines_file(), dir_ / "predictions.csv", params_.csv_safe ? Formulas::quoted : Formulas::kept);
    }
    lock_.reset();
  }

  Facts facts() const override { return {{"output", params_.dir.string()}}; }

 private:
  fs::path lines_file() const { return dir_ / lines_name; }
  fs::path record_file() const { return dir_ / record_name; }

  static ModelFacts model_facts(const std::map<std::string, Facts>& all) {
    const auto has_model = [](const auto& entry) { return entry.second.contains("model"); };
    auto found = all.find("detector");
    if (found == all.end() || !has_model(*found)) found = std::ranges::find_if(all, has_model);
    if (found == all.end()) return {};
    const auto trained = found->second.find("trained");
    return {found->second.at("model"), trained == found->second.end() ? "" : trained->second};
  }

  // The lines go first: were the run killed in between, an old record without lines still means "nothing done yet".
  void put_earlier_aside() const {
    move_file(lines_file(), dir_ / "predictions.prev.jsonl");
    move_file(dir_ / "predictions.csv", dir_ / "predictions.prev.csv");
    const fs::path aside = dir_ / earlier_heatmaps_name;
    for (const fs::path& map : heatmaps_in(aside)) fs::remove(map);
    for (const fs::path& map : heatmaps_in(dir_ / heatmaps_name)) {
      fs::create_directories(aside);
      move_file(map, aside / map.filename());
    }
  }

  /// Files of other names, and links, are not this program's.
  static std::vector<fs::path> heatmaps_in(const fs::path& folder) {
    std::vector<fs::path> found;
    if (!fs::is_directory(fs::symlink_status(folder))) return found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (fs::is_regular_file(entry.symlink_status()) && is_heatmap_name(entry.path().filename().string()))
        found.push_back(entry.path());
    return found;
  }

  /// A stop is no result: the item is left for `--resume`.
  bool was_stopped(const Item& item) const {
    const auto stopped = [](const ReasonPtr& why) { return why && why->kind == Reason::Kind::stopped; };
    if (stopped(item.why(path_)) || stopped(item.why(image_)) || stopped(item.why(faces_))) return true;
    return item.has(faces_) &&
           std::ranges::any_of(item[faces_].cells(), [&](const Cell& cell) { return stopped(cell.why()); });
  }

  std::vector<std::string> write_heatmaps(const List<FaceResult>& faces, std::uint64_t index) const {
    std::vector<std::string> names(faces.size());
    if (!params_.heatmaps) return names;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      if (!faces.has(i) || !faces.at(i).heatmap) continue;
      names[i] = std::string(heatmaps_name) + "/" + heatmap_name(index, i);
      write_whole(dir_ / names[i], faces.at(i).heatmap->data, Durability::process);
    }
    return names;
  }

  Params params_;
  In<std::string> path_{this, "path", "the file's name"};
  In<ImageInfo> image_{this, "image", "what is known of the file"};
  In<List<FaceResult>> faces_{this, "faces", "what was found of each face"};
  std::string name_;
  fs::path dir_;
  std::optional<FolderLock> lock_;
  ModelFacts model_;
  bool resumed_ = false;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace

void register_predictions(Registrar& registrar) { registrar.node<Predictions>("predictions"); }

}  // namespace dfpipe::files
