#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "batch_labels.hpp"
#include "dfpipe/node.hpp"
#include "journal.hpp"
#include "learner.hpp"
#include "progress.hpp"
#include "run_folder.hpp"
#include "validation.hpp"

namespace dfpipe::training {

struct TrainingSettings {
  LearnerSettings learner;
  bool scale_loss = false;    ///< float16
  std::int64_t patience = 3;  ///< epochs without a better AUC before the end; 0: never
  double max_failed = 0.01;   ///< share of an epoch's training pictures that may fall out
  std::chrono::duration<double> checkpoint_every{300};
  std::int64_t epochs = 0;                   ///< 0: not known
  std::uint64_t batches_in_all = 0;          ///< of all epochs, validation included; 0: not known
  std::string caution;                       ///< that the model will carry
  std::filesystem::path profile;             ///< preprocessor_config.json of the models that are written; empty: none
  std::map<std::string, std::string> about;  ///< for the report's and the model's readers
};

/// One batch behind its forward pass. The tensors are missing where nothing of the batch could be read or the pass
/// failed; `why` tells.
struct TrainedBatch {
  std::uint64_t index = 0;  ///< in the source
  const Attributes* attributes = nullptr;
  const BatchLabels* labels = nullptr;
  const at::Tensor *loss = nullptr, *supcon = nullptr, *ce = nullptr, *probabilities = nullptr;
  std::string why;
};

/// A training from its first batch to the written model. Batches must come in order, one at a time, and none may be
/// missing. Throws Fatal with what ends it, whatever went wrong: a batch that was half learnt from cannot be left out.
class TrainingRun {
 public:
  TrainingRun(detector::TrainableModel& model, TrainingSettings settings);

  /// Takes up the newest checkpoint of a folder, if it has one; the position to go on from.
  std::uint64_t resume(RunFolder folder);
  /// The folder to write into. Without one (a dry run) nothing is written.
  void begin(std::optional<RunFolder> folder);

  void take(const TrainedBatch& batch);
  /// Patience is used up: no further batch is wanted.
  bool ended_early() const noexcept { return progress_.ended_early; }
  /// After the last batch. A training that is complete gets its model, one that was stopped a checkpoint.
  void finish(Outcome outcome);

  /// For the progress line; may be asked by other threads.
  std::string status() const;

 private:
  using Clock = std::chrono::steady_clock;

  void train(const TrainedBatch& batch);
  void make_step(const TrainedBatch& batch);
  void validate(const TrainedBatch& batch);
  void end_epoch();
  void check_failures(const TrainedBatch& batch, bool end) const;
  void require_whole(const TrainedBatch& batch) const;
  void require_finite(const TrainedBatch& batch, double loss) const;
  [[noreturn]] void fail(const TrainedBatch& batch, const std::string& what) const;
  void checkpoint();
  /// The epoch's seconds so far, those before a resume included.
  void count_seconds();
  /// Forward passes in training, by the batch norms' own counters.
  std::int64_t batches_normed() const;
  void write_final_model();
  bool complete() const;
  void tell(const EpochRecord& record) const;
  void show(const StepRecord& record);

  detector::TrainableModel& model_;
  TrainingSettings settings_;
  Learner learner_;
  Progress progress_;
  Validation validation_;
  std::optional<RunFolder> folder_;
  std::unique_ptr<Journal> journal_;

  StepRecord open_step_;         ///< sums over the batches of the step under way
  std::int64_t step_start_ = 0;  ///< batches of the epoch before its first one
  std::string first_failure_;
  std::uint64_t next_ = 0;   ///< index of the batch that must come now
  std::int64_t normed_ = 0;  ///< what batches_normed() was after the last batch
  std::optional<EpochRecord> last_epoch_;
  Clock::time_point idle_since_ = Clock::now(), counted_until_ = Clock::now(), last_checkpoint_ = Clock::now();
  double waited_ = 0, worked_ = 0;  ///< seconds of all steps

  mutable std::mutex mutex_;  ///< guards what follows
  std::string status_;
};

}  // namespace dfpipe::training
