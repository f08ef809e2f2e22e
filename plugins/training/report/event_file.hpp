#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "durable.hpp"

namespace dfpipe::training {

/// Seconds since 1970, as TensorBoard wants them.
double wall_clock();

/// A file of scalars that TensorBoard shows. It looks for names that contain "tfevents".
///
/// Each record is framed as TFRecord: length (8 bytes, little endian), its masked CRC-32C, the bytes of an Event
/// message, their masked CRC-32C. (tensorflow/core/lib/io/record_writer.h; core/util/event.proto,
/// core/framework/summary.proto.) Written by hand: of the protocol three messages with six fields are needed, and
/// Debian has no library for less than all of TensorFlow. Not for several threads at once. What cannot be written is
/// thrown as Fatal with the file's name.
class EventFile {
 public:
  /// Opens or makes the file and goes on after its first `offset` bytes, as an earlier offset() gave them; what follows
  /// them is cut off. 0 begins anew, with the record that names the version of the format and holds `wall_time`.
  EventFile(std::filesystem::path path, std::uint64_t offset, double wall_time = wall_clock());

  /// `tag` is a name such as "train/loss"; what stands before the '/' groups the charts. Written as 32-bit float.
  void scalar(std::string_view tag, double value, std::int64_t step, double wall_time = wall_clock());

  std::uint64_t offset() const noexcept { return file_.size(); }
  /// Returns when the bytes survive a power cut.
  void sync() { file_.sync(); }

 private:
  void record(std::string_view event);

  files::GrowingFile file_;
};

}  // namespace dfpipe::training
