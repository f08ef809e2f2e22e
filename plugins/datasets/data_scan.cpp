#include <algorithm>
#include <cstdio>

#include "data_command.hpp"
#include "dfpipe/sha256.hpp"
#include "durable.hpp"
#include "manifest.hpp"
#include "nodes.hpp"
#include "parallel.hpp"
#include "read_file.hpp"

namespace dfpipe::datasets {
namespace {

/// Lists the pictures of data sets, with their hashes.
class DataScan final : public Command {
  struct Params : DataParams {
    const std::filesystem::path& to = path(
        "to", {}, {.about = "manifest to write, .csv or .jsonl; nothing is written if none is given", .output = true});
  } params_;

 public:
  DataScan()
      : Command({.about = "Count the pictures of labelled data sets and write a manifest with their SHA-256. The order "
                          "is the same on every machine. The exit code is 3 when a file could not be read.",
                 .example = "dfpipe data scan data/faces --to data/faces.csv"},
                &params_) {}

  int run(Console& console) override {
    if (!params_.to.empty() && !has_manifest_extension(params_.to))
      throw Error(params_.to.string() + ": the name must end in .csv or .jsonl", "usage");
    DataSets data = params_.read();
    if (!data.passed_over.empty()) log(LogLevel::info, "passed over: " + data.passed_over);
    std::size_t unread = 0;
    if (!params_.to.empty()) {
      unread = hash(data.entries, console);
      if (console.stop().stop_requested()) return 1;
      files::write_whole(params_.to, manifest_text(params_.to, data.entries), files::Durability::power);
    }
    console.print(table(data.entries));
    if (!params_.to.empty()) console.print(params_.to.string() + ": " + counted(data.entries.size(), "picture"));
    return unread > 0 ? 3 : 0;
  }

 private:
  /// How many files could not be read; they stay without a hash.
  std::size_t hash(Entries& entries, Console& console) const {
    std::vector<std::string> problems(entries.size());
    for_each_index(
        entries.size(), params_.workers(), console.stop(),
        [&](std::size_t i) {
          Sample& entry = entries[i];
          try {
            const auto data =
                files::read_file(entry.file, static_cast<std::uint64_t>(params_.max_bytes), console.stop());
            if (!data) return;
            const std::string now = sha256_hex(*data);
            if (!entry.sha256.empty() && entry.sha256 != now) problems[i] = "the file is not the one in the manifest";
            entry.sha256 = now;
          } catch (const Error& e) {
            problems[i] = e.what();
            entry.sha256.clear();
          }
        },
        [&](std::size_t done) {
          console.progress("hashing " + std::to_string(done) + " of " + std::to_string(entries.size()));
        });
    console.progress("");
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!problems[i].empty()) log(LogLevel::error, entries[i].path + ": " + problems[i]);
    return entries.size() - static_cast<std::size_t>(std::ranges::count(problems, std::string()));
  }

  static std::string table(const Entries& entries) {
    std::string text = "  real    fake  data set, split\n";
    for (const Cell& cell : datasets::counted(entries)) {
      char numbers[64];
      std::snprintf(numbers, sizeof numbers, "%6zu  %6zu  ", cell.real, cell.fake);
      text += numbers + cell.dataset + ", " + cell.split + "\n";
    }
    return text;
  }
};

}  // namespace

void register_data_scan(Registrar& registrar) { registrar.command<DataScan>("data scan"); }

}  // namespace dfpipe::datasets
