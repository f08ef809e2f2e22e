#pragma once

#include <map>
#include <memory>
#include <string>

#include "durable.hpp"
#include "event_file.hpp"
#include "history.hpp"
#include "progress.hpp"
#include "run_folder.hpp"

namespace dfpipe::training {

/// What a run writes down of itself as it goes: metrics.jsonl, TensorBoard events, and after each epoch report.html.
/// Throws Fatal where it cannot write.
class Journal {
 public:
  /// Goes on behind the bytes that `progress` counts; what a later moment wrote is cut off. `settings` are for the
  /// report's readers.
  Journal(const RunFolder& folder, const Progress& progress, std::map<std::string, std::string> settings);

  void step(const StepRecord& record);
  void epoch(const EpochRecord& record);
  /// Everything so far is on the disk when this returns; tells how many bytes belong to this moment.
  void sync(Progress& progress);

 private:
  void draw() const;

  RunFolder folder_;
  std::map<std::string, std::string> settings_;
  files::GrowingFile metrics_;
  EventFile events_;
};

}  // namespace dfpipe::training
