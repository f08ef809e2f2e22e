#include "journal.hpp"

#include "report.hpp"

namespace dfpipe::training {

namespace fs = std::filesystem;

Journal::Journal(const RunFolder& folder, const Progress& progress, std::map<std::string, std::string> settings)
    : folder_(folder),
      settings_(std::move(settings)),
      metrics_(folder.metrics(), progress.metrics_bytes),
      events_(folder.events(), progress.events_bytes) {}

void Journal::step(const StepRecord& record) {
  metrics_.append(to_line(record) + "\n");
  const double now = wall_clock();
  const auto scalar = [&](const char* tag, double value) { events_.scalar(tag, value, record.step, now); };
  scalar("train/loss", record.loss);
  scalar("train/supcon", record.supcon);
  scalar("train/cross_entropy", record.ce);
  scalar("train/accuracy", record.accuracy);
  scalar("train/gradient_norm", record.grad_norm);
  scalar("train/learning_rate", record.lr);
  if (record.seconds > 0) {
    scalar("speed/images_per_second", static_cast<double>(record.images) / record.seconds);
    scalar("speed/data_wait", record.data_wait / record.seconds);
  }
}

void Journal::epoch(const EpochRecord& record) {
  metrics_.append(to_line(record) + "\n");
  const double now = wall_clock();
  const auto scalar = [&](const std::string& tag, std::optional<double> value) {
    if (value) events_.scalar(tag, *value, record.step, now);
  };
  scalar("epoch/train_loss", record.train_loss);
  scalar("epoch/train_accuracy", record.train_accuracy);
  scalar("validation/loss", record.val_loss);
  scalar("validation/auc", record.val_auc);
  scalar("validation/accuracy", record.val_accuracy);
  scalar("validation/eer", record.val_eer);
  for (const auto& [dataset, auc] : record.val_auc_by_dataset) scalar("validation/auc/" + dataset, auc);
  draw();
}

void Journal::sync(Progress& progress) {
  metrics_.sync();
  events_.sync();
  progress.metrics_bytes = metrics_.size();
  progress.events_bytes = events_.offset();
}

void Journal::draw() const {
  const auto write = [&](const char* name, const std::string& text) {
    files::write_whole(folder_.path() / name, text, files::Durability::process);
  };
  const fs::path run = folder_.path();
  const Report report{.name = run.parent_path().filename().string() + " " + run.filename().string(),
                      .history = read_history(folder_.metrics()),
                      .settings = settings_,
                      .warnings = {}};
  write("report.html", report_page(report));
}

}  // namespace dfpipe::training
