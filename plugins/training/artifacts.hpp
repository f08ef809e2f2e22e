#pragma once

#include <filesystem>
#include <string>

#include "adamw.hpp"
#include "progress.hpp"
#include "schedule.hpp"
#include "trainable_model.hpp"

/// The model folders that a training leaves.
namespace dfpipe::training {

/// "dora_epoch3_auc0.9312"; "epoch3_auc0.9312" without adapters, "…_aucnone" without an AUC. `epoch` is from 0.
std::string snapshot_name(bool adapters, std::int64_t epoch, const std::optional<double>& auc);

/// Writes everything of one moment into `folder`, all at once: `dora/` and `head_weights.pt` (or `clip_vision/` and
/// `head_weights.safetensors`), the original's `train_state.pt`, and the model's `preprocessor_config.json`. It can be
/// used as a model, and trained further. An earlier folder of that name is replaced. Throws Fatal.
void write_snapshot(const std::filesystem::path& folder, const detector::TrainableModel& model, const AdamW& optimizer,
                    const WarmRestarts& schedule, const Progress& progress, const std::filesystem::path& profile);

/// Reads a snapshot, works its adapters in and writes a plain model folder with `card` as its README.md, all at once.
/// `caution`: see detector::Heads. Throws Fatal.
void write_model(const std::filesystem::path& folder, const std::filesystem::path& snapshot, const std::string& card,
                 const std::string& caution);

}  // namespace dfpipe::training
