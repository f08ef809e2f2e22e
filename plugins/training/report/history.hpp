#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What a training run writes down of itself: metrics.jsonl, one JSON object a line, in the order of events.
namespace dfpipe::training {

/// After a step of the optimizer. What is not a finite number is null in the file and NaN when read.
struct StepRecord {
  std::int64_t step = 0;   ///< of the run, the first is 1
  std::int64_t epoch = 0;  ///< from 0
  double loss = 0, supcon = 0, ce = 0;
  double accuracy = 0;   ///< of the batch, at 0.5
  double grad_norm = 0;  ///< before clipping
  double lr = 0;         ///< of this step
  double seconds = 0;    ///< of the step, the wait included
  double data_wait = 0;  ///< seconds of them in which it waited for its batch
  std::int64_t images = 0;
};

/// After an epoch and its validation. Without validation pictures, or of one class only, values are missing.
struct EpochRecord {
  std::int64_t epoch = 0;  ///< from 0
  std::int64_t step = 0;   ///< the last one of the epoch
  double train_loss = 0, train_accuracy = 0;
  std::optional<double> val_loss, val_auc, val_accuracy, val_eer;
  std::map<std::string, double> val_auc_by_dataset;
  std::int64_t failed_samples = 0;
  bool best = false;  ///< of the epochs so far
  double seconds = 0;
};

/// {"kind":"step",…} and {"kind":"epoch",…} without newline. Numbers have as many digits as are needed to read back the
/// same double.
std::string to_line(const StepRecord& record);
std::string to_line(const EpochRecord& record);

struct History {
  std::vector<StepRecord> steps;
  std::vector<EpochRecord> epochs;
};

/// Reads such a file. A last line without newline is still being written, or was when the run was killed: it is no
/// line. Throws std::runtime_error with file, line and what is wrong.
History read_history(const std::filesystem::path& file);

}  // namespace dfpipe::training
