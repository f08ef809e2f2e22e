#pragma once

#include <filesystem>

#include "adamw.hpp"
#include "progress.hpp"
#include "trainable_model.hpp"

namespace dfpipe::training {

/// A checkpoint is one safetensors file, so that weights, moments and counters are always of one moment, whatever is
/// killed when: `parameter/NAME`, `buffer/NAME`, `exp_avg/NAME`, `exp_avg_sq/NAME`, `adam_step/NAME`, and Progress as
/// the metadata `progress`. Written whole: to a temporary name, synced, renamed. Throws Fatal with the file's name.
void write_checkpoint(const std::filesystem::path& file, const detector::TrainableModel& model, const AdamW& optimizer,
                      const Progress& progress);

/// What a checkpoint's header says. Throws std::runtime_error when it is none.
Progress read_progress(const std::filesystem::path& file);

/// Sets the model's and the optimizer's tensors to those of the file, to the last bit. Throws std::runtime_error when
/// the file is damaged or another model's; the model must not be used then.
Progress read_checkpoint(const std::filesystem::path& file, detector::TrainableModel& model, AdamW& optimizer);

}  // namespace dfpipe::training
