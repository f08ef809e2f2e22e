#include <ATen/ATen.h>
#include <torch/version.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "checkpoint_file.hpp"
#include "detector.hpp"
#include "dfpipe/types/tensor.hpp"
#include "durable.hpp"
#include "large_blocks.hpp"
#include "nodes.hpp"
#include "run_record.hpp"
#include "training_run.hpp"

namespace dfpipe::training {
namespace {

namespace fs = std::filesystem;

constexpr int record_format = 1;

/// Learns from each training batch and judges each epoch by its validation batches: backward pass, gradient
/// accumulation and clipping, AdamW (Loshchilov & Hutter 2019) with cosine annealing and warm restarts (Loshchilov &
/// Hutter 2017), ROC-AUC, early stopping, checkpoints, snapshots, and at the end the best epoch as a model for predict.
///
/// It stands at the end of a `foreach` with `max_live: 1`, in a run that is deterministic. A step averages the
/// gradients of `accumulate` batches; at the end of an epoch, of those that are left over. The rate of epoch e (from 0)
/// is that of the schedule at e, or with `rate_by: step` moves inside the epoch as well. In float16 on a GPU the loss
/// is scaled (Micikevicius et al. 2018).
///
/// Everything is written into `dir/name/<UTC stamp>/`, see the page on training. `--resume` goes on from the newest
/// checkpoint of the newest run, refuses a finished one, and gives the same weights, to the byte on the CPU, as a run
/// that was never interrupted. Checkpoints lie between two steps, at least `checkpoint_every` seconds apart, and at the
/// end of each epoch. A loss or gradient that is not finite ends the run, and so do more than `max_failed` pictures of
/// an epoch that cannot be used. `dry_run` learns and judges, and writes nothing.
///
///     optimize: {type: optimize, in: {loss: loss.loss, …, labels: labels}, use: {detector: detector}, with: {dir:
///     runs}}
class Optimize final : public Node {
  struct Params : ParamSet {
    const fs::path& dir = path("dir", "runs", {.about = "folder of all runs", .output = true});
    const std::string& name = text("name", "train", {.about = "of this training: the folder in dir"});
    const double& lr = real("lr", 2e-4, {.about = "learning rate, at restarts", .min = 0});
    const double& weight_decay = real("weight_decay", 0.01, {.about = "of AdamW, on all that learns", .min = 0});
    const double& beta1 = real("beta1", 0.9, {.about = "of AdamW", .min = 0, .max = 0.999999});
    const double& beta2 = real("beta2", 0.999, {.about = "of AdamW", .min = 0, .max = 0.999999});
    const double& eps = real("eps", 1e-8, {.about = "of AdamW", .min = 0});
    const std::int64_t& accumulate = integer("accumulate", 1, {.about = "batches a step", .min = 1, .max = 1'000'000});
    const double& clip_norm = real("clip_norm", 1, {.about = "longest gradient, all together; 0: any", .min = 0});
    const std::int64_t& restart_epochs = integer(
        "restart_epochs", 5, {.about = "epochs to the first restart of the schedule", .min = 1, .max = 1'000'000});
    const std::int64_t& restart_factor =
        integer("restart_factor", 1, {.about = "each period is so many times the one before", .min = 1, .max = 100});
    const double& lr_min = real("lr_min", 1e-6, {.about = "what the rate falls to before a restart", .min = 0});
    const std::string& rate_by =
        choice("rate_by", "epoch",
               {.about = "whether the rate changes at epochs or at each step", .choices = {"epoch", "step"}});
    const std::int64_t& warm_up =
        integer("warm_up", 0, {.about = "steps in which the rate rises from 0", .unit = "steps", .min = 0});
    const std::int64_t& patience = integer(
        "patience", 3, {.about = "epochs without a better AUC before the end; 0: never", .unit = "epochs", .min = 0});
    const double& max_failed =
        real("max_failed", 0.01,
             {.about = "share of an epoch's training pictures that may be unusable", .min = 0, .max = 1});
    const double& checkpoint_every =
        real("checkpoint_every", 300, {.about = "least time between two checkpoints", .unit = "s", .min = 0});
    const fs::path& profile =
        path("profile", "", {.about = "preprocessor_config.json to be written beside the models; empty: none"});
    const std::string& caution =
        text("caution", "", {.about = "what everybody who uses the model must be told; every run with it warns so"});
    const bool& dry_run = boolean("dry_run", false, {.about = "write nothing"});
  };

 public:
  Optimize()
      : Node({.about = "Learn from training batches, judge epochs, keep the best model.",
              .lane = Lane::device,
              .stateful = true},
             &params_) {}

  void open(OpenContext& context) override {
    if (!context.deterministic())
      throw Error("training wants 'run: {deterministic: true}': its steps have an order", "usage");
    if (params_.name.empty() || params_.name.find('/') != std::string::npos || params_.name.starts_with('.'))
      throw Error("name must be that of a folder, not '" + params_.name + "'", "usage");
    if (params_.lr_min > params_.lr) throw Error("lr_min is above lr", "usage");
    keep_large_blocks();
    stopper_ = context.stopper();
    facts_ = context.facts();
    environment_ = {{"libtorch", TORCH_VERSION},
                    {"device_threads", std::to_string(context.device_threads())},
                    {"seed", std::to_string(context.seed())}};
    run_ = std::make_unique<TrainingRun>(detector_->trainable(), settings());
  }

  std::optional<Checkpoint> resume(bool) override {
    if (params_.dry_run) return std::nullopt;
    std::optional<RunFolder> newest = RunFolder::newest(params_.dir, params_.name);
    if (!newest) return std::nullopt;
    if (newest->finished())
      throw std::runtime_error(newest->path().string() + " is finished, its model lies in " + newest->model().string() +
                               "; run without --resume to train again");
    lock_.emplace(newest->path());
    newest->clear_halves();
    Checkpoint found = files::read_run_record(newest->record(), record_format);
    found.exact = true;
    folder_ = *newest;
    // The weights are taken up in `begin`, when the run is known to be the same.
    return with_position(std::move(found));
  }

  void begin(const Checkpoint& checkpoint) override {
    if (params_.dry_run) return run_->begin(std::nullopt);
    if (folder_) {
      run_->resume(*folder_);
      run_->begin(folder_);
      log(LogLevel::info, "going on in " + folder_->path().string());
    } else {
      folder_ = RunFolder::create(params_.dir, params_.name);
      lock_.emplace(folder_->path());
      write_start(checkpoint);
      run_->begin(folder_);
      log(LogLevel::info, "training in " + folder_->path().string());
    }
    if (run_->ended_early()) stopper_();
  }

  void process(Item& item) override {
    if (run_->ended_early() || !item.has(labels_))
      return;  // stopped, or the batch never came: it is made again on resume
    const auto tensor = [&](const In<Tensor>& port) { return item.has(port) ? &item[port] : nullptr; };
    TrainedBatch batch{.index = item.key().index,
                       .attributes = &item.attributes(),
                       .labels = &item[labels_],
                       .loss = tensor(loss_),
                       .supcon = tensor(supcon_),
                       .ce = tensor(ce_),
                       .probabilities = tensor(probabilities_)};
    if (const ReasonPtr& why = item.why(loss_)) {
      if (why->kind == Reason::Kind::stopped) return;
      batch.why = why->text();
    }
    const at::AutoGradMode grad(item.attributes().phase == Phase::train);
    run_->take(batch);
    if (run_->ended_early()) stopper_();
  }

  void close(Outcome outcome) override {
    if (run_ && folder_) run_->finish(outcome);
    lock_.reset();
  }

  Facts facts() const override { return {{"runs", (params_.dir / params_.name).string()}}; }
  std::string status() const override { return run_ ? run_->status() : std::string(); }

 private:
  /// Of the source, whatever it is called: the one that tells how many batches an epoch has.
  std::string data_fact(const std::string& key) const {
    for (const auto& [name, facts] : facts_)
      if (const auto found = facts.find(key); found != facts.end()) return found->second;
    return {};
  }
  std::int64_t data_number(const std::string& key) const {
    const std::string text = data_fact(key);
    return text.empty() ? 0 : std::stoll(text);
  }

  TrainingSettings settings() const {
    TrainingSettings s;
    s.learner.adamw = {params_.beta1, params_.beta2, params_.eps, params_.weight_decay};
    s.learner.schedule = {params_.lr, params_.lr_min, static_cast<double>(params_.restart_epochs),
                          static_cast<double>(params_.restart_factor)};
    s.learner.rate_by_step = params_.rate_by == "step";
    s.learner.batches_per_epoch = std::max<std::int64_t>(1, data_number("batches per epoch"));
    s.learner.warm_up_steps = params_.warm_up;
    s.learner.accumulate = params_.accumulate;
    s.learner.clip_norm = params_.clip_norm;
    s.scale_loss = detector_->trainable().precision() == at::kHalf;
    s.patience = params_.patience;
    s.max_failed = params_.max_failed;
    s.checkpoint_every = std::chrono::duration<double>(params_.checkpoint_every);
    s.epochs = data_number("epochs");
    s.batches_in_all = static_cast<std::uint64_t>(data_number("batches"));
    s.profile = params_.profile;
    s.caution = params_.caution;
    for (const char* const key : {"data", "list", "groups"})
      if (const std::string text = data_fact(key); !text.empty()) s.about[key] = text;
    const Facts model = detector_->facts();  // nodes that find faces have models of their own
    for (const char* const key : {"learns", "trainable", "architecture", "precision", "device"})
      s.about[key] = model.at(key);
    s.about["start"] = model.at("model") + " (sha256 " + model.at("sha256").substr(0, 12) + "…)";
    s.about["seed"] = environment_.at("seed");
    return s;
  }

  Checkpoint with_position(Checkpoint found) {
    const auto newest = folder_->newest_checkpoint();
    found.position = newest ? read_progress(*newest).position : 0;
    return found;
  }

  void write_start(const Checkpoint& checkpoint) const {
    nlohmann::ordered_json environment = environment_;
    for (const auto& [name, facts] : facts_) environment["facts"][name] = facts;
    const auto write = [&](const char* name, const std::string& text) {
      files::write_whole(folder_->path() / name, text, files::Durability::power);
    };
    write("config.yaml", checkpoint.config);
    write("environment.json", environment.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    files::write_run_record(folder_->record(), record_format, checkpoint);  // last: without it there is no run
  }

  Params params_;
  In<Tensor> loss_{this, "loss", "a number, with its gradient in the train phase"};
  In<Tensor> supcon_{this, "supcon", "a number, to be shown"};
  In<Tensor> ce_{this, "ce", "a number, to be shown"};
  In<Tensor> probabilities_{this, "probabilities", "[B,2] float32, genuine and fake"};
  In<BatchLabels> labels_{this, "labels", "of the same rows"};
  Use<detector::Detector> detector_{this, "detector", "the model, opened for training"};
  std::function<void()> stopper_;
  std::map<std::string, Facts> facts_;
  std::map<std::string, std::string> environment_;
  std::optional<RunFolder> folder_;
  std::optional<files::FolderLock> lock_;
  std::unique_ptr<TrainingRun> run_;
};

}  // namespace

void register_optimize(Registrar& registrar) { registrar.node<Optimize>("optimize"); }

}  // namespace dfpipe::training
