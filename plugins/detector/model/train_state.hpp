#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

namespace dfpipe::detector {

/// What AdamW keeps of one parameter.
struct AdamMoments {
  double step = 0;
  at::Tensor exp_avg, exp_avg_sq;  ///< of the parameter's shape
};

/// torch.optim.AdamW's settings for a group of parameters, and their numbers in the order of the optimizer.
struct ParameterGroup {
  double lr = 0, initial_lr = 0;
  double beta1 = 0, beta2 = 0, eps = 0, weight_decay = 0;
  bool amsgrad = false, maximize = false;
  std::vector<std::int64_t> params;
};

/// torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
struct WarmRestarts {
  double t_0 = 0, t_i = 0, t_mult = 0, t_cur = 0;
  double eta_min = 0;
  std::int64_t last_epoch = 0;
  std::vector<double> base_lrs, last_lr;
};

/// The original's `train_state.pt`, from which it resumes a training. Entries that other PyTorch versions add to the
/// optimizer and the scheduler are passed over.
struct TrainState {
  std::map<std::int64_t, AdamMoments> moments;  ///< by the parameter's number
  std::vector<ParameterGroup> groups;
  WarmRestarts schedule;
  std::int64_t epoch = 0;  ///< the last one that was finished, from 0
  double best_val_auc = 0;
  std::int64_t patience_counter = 0;

  /// Throws ModelError: see TorchFile; an entry that is missing or of the wrong kind; moments of a parameter that no
  /// group has; numbers that are not finite.
  static TrainState load(const std::filesystem::path& file);
  /// Writes the file as PyTorch's `load_state_dict` and the original's resume read it, best_val_auc a plain number. All
  /// at once; throws ModelError.
  void save(const std::filesystem::path& file) const;
};

}  // namespace dfpipe::detector
