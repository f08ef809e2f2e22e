#include <filesystem>
#include <memory>

#include "augmentations.hpp"
#include "dfpipe/node.hpp"
#include "durable.hpp"
#include "nodes.hpp"
#include "operations/operations.hpp"

namespace dfpipe::augment {
namespace {

namespace fs = std::filesystem;

/// Writes down what was drawn for each item, one JSON line in the order of the source: `item` (its number, and that of
/// the child), `epoch`, `file`, and `steps`, each with transform, rules and the drawn parameters. `augment-replay` does
/// the same again. Items that failed have no line. A line that cannot be written ends the run.
///
///     log: {type: augment-log, in: {history: residual.history}, with: {file: out/augmentations.jsonl}}
class AugmentLog final : public Node {
  struct Params : ParamSet {
    const fs::path& file = path("file", "", {.about = "the file; written anew", .required = true, .output = true});
  };

 public:
  AugmentLog()
      : Node({.about = "Write down which augmentations were drawn for each item.",
              .lane = Lane::blocking,
              .ordered = true},
             &params_) {}

  void open(OpenContext&) override {
    if (params_.file.has_parent_path()) fs::create_directories(params_.file.parent_path());
    lines_ = std::make_unique<files::LineFile>(params_.file, files::LineFile::Start::empty);
  }

  void process(Item& item) override {
    if (!item.has(history_)) return;
    Json steps = Json::array();
    for (const std::string& step : item[history_].steps) steps.push_back(Json::parse(step));
    const Json line{{"item", item.key().text()},
                    {"epoch", item.attributes().epoch},
                    {"file", item.attributes().name},
                    {"steps", std::move(steps)}};
    lines_->append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  void close(Outcome) override { lines_.reset(); }
  Facts facts() const override { return {{"output", params_.file.string()}}; }

 private:
  Params params_;
  In<Augmentations> history_{this, "history", "what was done to the picture"};
  std::unique_ptr<files::LineFile> lines_;
};

}  // namespace

void register_augment_log(Registrar& registrar) { registrar.node<AugmentLog>("augment-log"); }

}  // namespace dfpipe::augment
