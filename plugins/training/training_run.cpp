#include "training_run.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdio>

#include "artifacts.hpp"
#include "checkpoint_file.hpp"
#include "dfpipe/error.hpp"
#include "durable.hpp"

namespace dfpipe::training {
namespace {

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

template <class... Values>
std::string printed(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string shown(const std::optional<double>& value) { return value ? printed("%.4f", *value) : "none"; }

}  // namespace

TrainingRun::TrainingRun(detector::TrainableModel& model, TrainingSettings settings)
    : model_(model), settings_(std::move(settings)), learner_(model, settings_.learner) {
  progress_.scaler.on = settings_.scale_loss;
}

std::uint64_t TrainingRun::resume(RunFolder folder) {
  if (const auto newest = folder.newest_checkpoint())
    progress_ = read_checkpoint(*newest, model_, learner_.optimizer());
  // A kill may have come between a later snapshot and its checkpoint; that epoch will be judged again.
  if (!progress_.best_snapshot.empty()) folder.choose_best(progress_.best_snapshot);
  folder_ = std::move(folder);
  return progress_.position;
}

void TrainingRun::begin(std::optional<RunFolder> folder) {
  if (folder) folder_ = std::move(folder);
  if (folder_) journal_ = std::make_unique<Journal>(*folder_, progress_, settings_.about);
  idle_since_ = counted_until_ = last_checkpoint_ = Clock::now();
  next_ = progress_.position;
  normed_ = batches_normed();
}

void TrainingRun::take(const TrainedBatch& batch) try {
  if (batch.index != next_)
    fail(batch, "batch " + std::to_string(next_) + " of the run should come now, not " + std::to_string(batch.index) +
                    ": one was lost before it could be learnt from, see the errors above");
  ++next_;
  if (batch.labels->failed > 0 && first_failure_.empty()) first_failure_ = batch.labels->first_failure;
  if (batch.attributes->phase == Phase::train)
    train(batch);
  else
    validate(batch);
  normed_ = batches_normed();
  idle_since_ = Clock::now();
} catch (const Fatal&) {
  throw;
} catch (const c10::Error& e) {
  fail(batch, e.what_without_backtrace());
} catch (const std::exception& e) {
  fail(batch, e.what());
}

std::int64_t TrainingRun::batches_normed() const {
  std::int64_t sum = 0;
  for (const detector::NamedTensor& buffer : model_.buffers())
    if (buffer.name.ends_with("num_batches_tracked")) sum += buffer.tensor.item<std::int64_t>();
  return sum;
}

void TrainingRun::train(const TrainedBatch& batch) {
  EpochSums& sums = progress_.sums;
  sums.failed += batch.labels->failed;
  if (learner_.waiting() == 0) {
    step_start_ = sums.seen;
    open_step_ = {};
  }
  ++sums.seen;
  if (const std::int64_t rows = batch.labels->labels.size(0); rows > 0) {
    require_whole(batch);
    const double loss = batch.loss->item<double>();
    require_finite(batch, loss);
    const std::int64_t correct = count_correct(*batch.probabilities, batch.labels->labels);
    learner_.add(*batch.loss, progress_.scaler);
    sums.loss += loss;
    ++sums.batches;
    sums.images += rows;
    sums.correct += correct;
    open_step_.loss += loss;
    open_step_.supcon += batch.supcon->item<double>();
    open_step_.ce += batch.ce->item<double>();
    open_step_.accuracy += static_cast<double>(correct);
    open_step_.images += rows;
    open_step_.data_wait += std::max(0.0, seconds_between(idle_since_, batch.labels->ready));
    open_step_.seconds += seconds_between(idle_since_, Clock::now());
  }
  const bool last = batch.attributes->last_of_epoch;
  if (learner_.waiting() > 0 && (learner_.due() || last)) make_step(batch);
  check_failures(batch, last);  // before a checkpoint, so that what made the run end is not behind it
  if (learner_.waiting() > 0) return;
  progress_.position = batch.index + 1;
  if (seconds_between(last_checkpoint_, Clock::now()) >= settings_.checkpoint_every.count()) checkpoint();
}

void TrainingRun::make_step(const TrainedBatch& batch) {
  const auto batches = static_cast<double>(learner_.waiting());
  const auto begun = Clock::now();
  Learner::Step step;
  try {
    step = learner_.step({progress_.epoch, step_start_, progress_.step}, progress_.scaler);
  } catch (const Fatal& e) {
    fail(batch, e.what());
  }
  ++progress_.step;
  StepRecord record = open_step_;
  record.step = progress_.step;
  record.epoch = progress_.epoch;
  record.loss /= batches;
  record.supcon /= batches;
  record.ce /= batches;
  record.accuracy /= static_cast<double>(record.images);
  record.grad_norm = step.gradient_norm;
  record.lr = step.rate;
  record.seconds += seconds_between(begun, Clock::now());
  if (!step.taken)
    log(LogLevel::info, batch.attributes->name + ": the gradients overflowed; the loss scale is now " +
                            printed("%g", progress_.scaler.scale));
  if (journal_) journal_->step(record);
  show(record);
}

void TrainingRun::validate(const TrainedBatch& batch) {
  if (batch.labels->labels.size(0) > 0) {
    require_whole(batch);
    validation_.add(batch.ce->item<double>(), *batch.probabilities, *batch.labels);
  } else {
    validation_.add_failed(batch.labels->failed);
  }
  if (!batch.attributes->last_of_epoch) return;
  end_epoch();
  progress_.position = batch.index + 1;
  checkpoint();
}

void TrainingRun::end_epoch() {
  const ValidationResult found = validation_.result();
  validation_.clear();
  Progress& p = progress_;
  EpochRecord record{.epoch = p.epoch,
                     .step = p.step,
                     .train_loss = p.sums.mean_loss(),
                     .train_accuracy = p.sums.accuracy(),
                     .val_loss = found.loss,
                     .val_auc = found.auc,
                     .val_accuracy = found.accuracy,
                     .val_eer = found.eer,
                     .val_auc_by_dataset = found.auc_by_dataset,
                     .failed_samples = p.sums.failed + found.failed};
  // The first epoch is the best so far whatever its AUC, so that there is always a model to keep.
  record.best = p.best_epoch < 0 || (found.auc && (!p.best_auc || *found.auc > *p.best_auc));
  count_seconds();
  record.seconds = p.sums.seconds;
  const std::string name = snapshot_name(model_.has_adapters(), p.epoch, found.auc);
  if (record.best) {
    p.best_auc = found.auc;
    p.best_epoch = p.epoch;
    p.best_snapshot = name;
    p.patience = 0;
  } else {
    ++p.patience;
  }
  p.ended_early = settings_.patience > 0 && p.patience >= settings_.patience;
  if (folder_) {
    write_snapshot(folder_->snapshot(name), model_, learner_.optimizer(), settings_.learner.schedule, p,
                   settings_.profile);
    if (record.best) folder_->choose_best(name);
    journal_->epoch(record);
  }
  tell(record);
  last_epoch_ = record;
  ++p.epoch;
  p.sums = {};
  first_failure_.clear();
}

void TrainingRun::count_seconds() {
  const Clock::time_point now = Clock::now();
  progress_.sums.seconds += seconds_between(counted_until_, now);
  counted_until_ = now;
}

/// A broken data set is told as soon as it is sure, not after an epoch.
void TrainingRun::check_failures(const TrainedBatch& batch, bool end) const {
  const EpochSums& sums = progress_.sums;
  const std::int64_t so_far = sums.images + sums.failed;
  const std::int64_t all =
      end ? so_far
          : std::max(so_far, so_far * settings_.learner.batches_per_epoch / std::max<std::int64_t>(1, sums.seen));
  if (sums.failed == 0 || static_cast<double>(sums.failed) <= settings_.max_failed * static_cast<double>(all)) return;
  throw Fatal(batch.attributes->name + ": " + std::to_string(sums.failed) + " of " + std::to_string(so_far) +
              " training pictures of this epoch could not be used, more than max_failed (" +
              printed("%g", settings_.max_failed * 100) + " %) allows" +
              (first_failure_.empty() ? std::string() : "; the first: " + first_failure_));
}

void TrainingRun::require_whole(const TrainedBatch& batch) const {
  if (batch.loss != nullptr && batch.supcon != nullptr && batch.ce != nullptr && batch.probabilities != nullptr) return;
  fail(batch, batch.why.empty() ? "the loss node gave no supcon or ce, or there are no probabilities" : batch.why);
}

void TrainingRun::require_finite(const TrainedBatch& batch, double loss) const {
  if (std::isfinite(loss)) return;
  fail(batch, printed("the loss is not finite (cross entropy %g, contrastive loss %g)", batch.ce->item<double>(),
                      batch.supcon->item<double>()));
}

void TrainingRun::fail(const TrainedBatch& batch, const std::string& what) const {
  const Learner::Step none;
  std::string text =
      batch.attributes->name + ", step " + std::to_string(progress_.step + 1) + ": " + what +
      printed("; the learning rate is %g", learner_.rate({progress_.epoch, step_start_, progress_.step}));
  if (folder_)
    if (const auto newest = folder_->newest_checkpoint())
      text += "; the last good checkpoint is " + newest->string() + ", the best epoch so far " +
              (progress_.best_epoch < 0 ? "none" : std::to_string(progress_.best_epoch + 1));
  throw Fatal(text);
}

void TrainingRun::checkpoint() {
  last_checkpoint_ = Clock::now();
  if (!folder_) return;
  for (const detector::NamedTensor& parameter : model_.parameters())
    if (!at::isfinite(parameter.tensor).all().item<bool>())
      throw Fatal("step " + std::to_string(progress_.step) + ": the weights are no longer finite (" + parameter.name +
                  "); the checkpoint before stands in " + (folder_->path() / "checkpoints").string() +
                  ", a smaller lr may help");
  count_seconds();
  journal_->sync(progress_);
  write_checkpoint(folder_->checkpoint(progress_.step, progress_.position), model_, learner_.optimizer(), progress_);
  folder_->drop_old_checkpoints();
}

bool TrainingRun::complete() const {
  if (progress_.best_epoch < 0) return false;  // no epoch was judged, so there is no model to keep
  return progress_.ended_early || settings_.batches_in_all == 0 || progress_.position >= settings_.batches_in_all;
}

void TrainingRun::finish(Outcome outcome) {
  if (!folder_ || outcome == Outcome::failed) return;
  if (outcome == Outcome::completed || progress_.ended_early) {
    if (complete()) return write_final_model();
  }
  // Between two batches of one step the batch norms have moved already, and so they have when the run was broken off
  // between a batch's forward pass and its turn here: the checkpoint before stands.
  if (learner_.waiting() == 0 && batches_normed() == normed_) checkpoint();
  log(LogLevel::info, folder_->path().string() + ": stopped after " + std::to_string(progress_.step) +
                          " steps; --resume goes on from here");
}

void TrainingRun::tell(const EpochRecord& record) const {
  std::string text = "epoch " + std::to_string(record.epoch + 1) +
                     (settings_.epochs > 0 ? " of " + std::to_string(settings_.epochs) : "") +
                     printed(": loss %.4f, accuracy %.4f; validation loss ", record.train_loss, record.train_accuracy) +
                     shown(record.val_loss) + ", AUC " + shown(record.val_auc) + ", accuracy " +
                     shown(record.val_accuracy);
  if (record.best) text += ", the best so far";
  if (record.failed_samples > 0) text += "; " + std::to_string(record.failed_samples) + " pictures could not be used";
  if (progress_.ended_early) text += "; the end: no better AUC in " + std::to_string(progress_.patience) + " epochs";
  if (waited_ + worked_ > 0)
    text += printed("; waited for data %.1f %% of the steps' time", 100 * waited_ / (waited_ + worked_));
  log(LogLevel::info, text);
}

void TrainingRun::show(const StepRecord& record) {
  waited_ += record.data_wait;
  worked_ += record.seconds - record.data_wait;
  std::string text = printed("loss %.3f", record.loss);
  if (last_epoch_) text += "  AUC " + shown(last_epoch_->val_auc);
  text += printed("  lr %.1e  %.0f images/s  data wait %.0f %%", record.lr,
                  static_cast<double>(record.images) / std::max(record.seconds, 1e-9),
                  100 * waited_ / std::max(waited_ + worked_, 1e-9));
  std::lock_guard lock(mutex_);
  status_ = std::move(text);
}

std::string TrainingRun::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void TrainingRun::write_final_model() {
  std::string card = "# A detector trained by dfpipe\n\n";
  card += "| | |\n|---|---|\n";
  card += "| epochs | " + std::to_string(progress_.epoch) + ", this is number " +
          std::to_string(progress_.best_epoch + 1) + " |\n";
  card += "| validation ROC-AUC | " + shown(progress_.best_auc) + " |\n";
  for (const auto& [key, value] : settings_.about) card += "| " + key + " | " + value + " |\n";
  card +=
      "\nThe validation pictures chose this epoch, so its AUC is a little too good: measure on test pictures with\n"
      "`dfpipe run pipelines/evaluate.yaml`. A score tells how much a picture resembles the fakes of the training\n"
      "data, not whether it is one.\n";
  write_model(folder_->model(), folder_->snapshot(progress_.best_snapshot), card, settings_.caution);
  files::write_whole(folder_->path() / "finished.json", progress_.to_text() + "\n", files::Durability::power);
  log(LogLevel::info, "the model of epoch " + std::to_string(progress_.best_epoch + 1) + " (AUC " +
                          shown(progress_.best_auc) + "): " + folder_->model().string());
}

}  // namespace dfpipe::training
