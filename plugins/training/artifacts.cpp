#include "artifacts.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cstdio>

#include "clip_folder.hpp"
#include "detector_model.hpp"
#include "dfpipe/error.hpp"
#include "durable.hpp"
#include "error.hpp"
#include "staged_folder.hpp"
#include "train_state.hpp"

namespace dfpipe::training {
namespace {

namespace fs = std::filesystem;
using detector::StagedFolder;

/// What the run cannot write ends it.
template <class F>
void or_fatal(F&& write) try {
  write();
} catch (const detector::ModelError& e) {
  throw Fatal(e.what());
} catch (const fs::filesystem_error& e) {
  throw Fatal(e.what());
}

void copy_profile(const fs::path& profile, const fs::path& folder) {
  if (!profile.empty()) fs::copy_file(profile, folder / "preprocessor_config.json");
}

detector::TrainState state_of(const AdamW& optimizer, const WarmRestarts& schedule, const Progress& progress) {
  detector::TrainState state;
  const AdamWSettings& settings = optimizer.settings();
  // The file is read at the start of the next epoch and holds its rate, as the original's.
  const auto next = static_cast<double>(progress.epoch + 1);
  const WarmRestarts::Place place = schedule.place(next);
  detector::ParameterGroup group{.lr = schedule.rate(next),
                                 .initial_lr = schedule.base,
                                 .beta1 = settings.beta1,
                                 .beta2 = settings.beta2,
                                 .eps = settings.eps,
                                 .weight_decay = settings.weight_decay};
  for (std::size_t i = 0; i < optimizer.parameters().size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    group.params.push_back(number);
    const AdamW::Moments& moments = optimizer.moments()[i];
    if (moments.exp_avg.defined())
      state.moments[number] = {static_cast<double>(moments.step), moments.exp_avg, moments.exp_avg_sq};
  }
  state.schedule = {.t_0 = schedule.t_0,
                    .t_i = place.t_i,
                    .t_mult = schedule.t_mult,
                    .t_cur = place.t_cur,
                    .eta_min = schedule.eta_min,
                    .last_epoch = progress.epoch + 1,
                    .base_lrs = {schedule.base},
                    .last_lr = {group.lr}};
  state.groups.push_back(std::move(group));
  state.epoch = progress.epoch;
  state.best_val_auc = progress.best_auc.value_or(0);
  state.patience_counter = progress.patience;
  return state;
}

}  // namespace

std::string snapshot_name(bool adapters, std::int64_t epoch, const std::optional<double>& auc) {
  std::array<char, 32> digits{"none"};
  if (auc) std::snprintf(digits.data(), digits.size(), "%.4f", *auc);
  return std::string(adapters ? "dora_epoch" : "epoch") + std::to_string(epoch + 1) + "_auc" + digits.data();
}

void write_snapshot(const fs::path& folder, const detector::TrainableModel& model, const AdamW& optimizer,
                    const WarmRestarts& schedule, const Progress& progress, const fs::path& profile) {
  or_fatal([&] {
    StagedFolder staged(folder, detector::Overwrite::replace);
    model.save_parts(staged.path());
    state_of(optimizer, schedule, progress).save(staged.path() / "train_state.pt");
    copy_profile(profile, staged.path());
    staged.publish();
  });
}

void write_model(const fs::path& folder, const fs::path& snapshot, const std::string& card,
                 const std::string& caution) {
  or_fatal([&] {
    const detector::ModelLayout layout = detector::ModelLayout::find(snapshot);
    const detector::DetectorModel model = detector::DetectorModel::load(layout);
    detector::Heads heads = model.heads;
    heads.projection_hidden = heads.projection_out = {};
    heads.caution = caution;
    StagedFolder staged(folder, detector::Overwrite::replace);
    detector::save_clip(model.clip, staged.path() / "clip_vision");
    heads.save(staged.path() / "head_weights.safetensors");
    copy_profile(layout.profile, staged.path());
    files::write_whole(staged.path() / "README.md", card, files::Durability::power);
    staged.publish();
  });
}

}  // namespace dfpipe::training
