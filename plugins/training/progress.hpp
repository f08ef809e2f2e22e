#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loss_scaler.hpp"

namespace dfpipe::training {

/// Sums over the training batches of an epoch.
struct EpochSums {
  std::int64_t seen = 0;     ///< batches, also those of which nothing could be read
  std::int64_t batches = 0;  ///< that were learnt from
  double loss = 0;           ///< over them
  std::int64_t images = 0, correct = 0;
  std::int64_t failed = 0;  ///< pictures that fell out
  double seconds = 0;

  double mean_loss() const { return batches > 0 ? loss / static_cast<double>(batches) : 0; }
  double accuracy() const { return images > 0 ? static_cast<double>(correct) / static_cast<double>(images) : 0; }
};

/// Everything a training has to remember besides its tensors.
struct Progress {
  std::uint64_t position = 0;  ///< batches of the source that are done with
  std::int64_t epoch = 0;      ///< that the next batch belongs to, from 0
  std::int64_t step = 0;       ///< of the optimizer, those done
  EpochSums sums;              ///< of the epoch under way
  std::optional<double> best_auc;
  std::int64_t best_epoch = -1;  ///< from 0; -1: none yet
  std::string best_snapshot;
  std::int64_t patience = 0;  ///< epochs since then
  bool ended_early = false;   ///< patience was used up
  LossScaler scaler;
  std::uint64_t metrics_bytes = 0, events_bytes = 0;  ///< of the files that belong to this moment

  /// JSON; doubles as their shortest text that reads back the same.
  std::string to_text() const;
  /// Throws std::runtime_error when the text is none of to_text.
  static Progress from_text(const std::string& text);
};

}  // namespace dfpipe::training
