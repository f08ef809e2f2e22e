#include "audit.hpp"
#include "codec.hpp"
#include "data_command.hpp"
#include "dfpipe/sha256.hpp"
#include "nodes.hpp"
#include "parallel.hpp"
#include "perceptual_hash.hpp"
#include "read_file.hpp"

namespace dfpipe::datasets {
namespace {

/// Looks for what makes a score on the data worthless: pictures and groups in two splits, pictures with two labels, and
/// properties of the files that give the label away.
class DataAudit final : public Command {
  struct Params : DataParams {
    const std::int64_t& near = integer(
        "near", 4,
        {.about = "bits of 64 in which the perceptual hashes of near duplicates differ at most", .min = 0, .max = 16});
    const std::int64_t& max_pixels =
        integer("max_pixels", 100'000'000,
                {.about = "larger pictures count as damaged", .unit = "pixels", .min = 1, .max = 4e9});
    const bool& json = boolean("json", false, {.about = "print JSON"});
  } params_;

 public:
  DataAudit()
      : Command({.about = "Look for duplicates across splits and labels, groups in two splits, and properties of the "
                          "files that give the label away. The exit code is 3 when something was found.",
                 .example = "dfpipe data audit data/faces"},
                &params_) {}

  int run(Console& console) override {
    DataSets data = params_.read();
    if (!data.passed_over.empty()) log(LogLevel::info, "passed over: " + data.passed_over);
    std::vector<Seen> seen(data.entries.size());
    for_each_index(
        seen.size(), params_.workers(), console.stop(),
        [&](std::size_t i) { seen[i] = look(data.entries[i], console.stop()); },
        [&](std::size_t done) {
          console.progress("looking at " + std::to_string(done) + " of " + std::to_string(seen.size()));
        });
    console.progress("");
    if (console.stop().stop_requested()) return 1;
    const Audit audit = judge(std::move(data.entries), seen);
    console.print(params_.json ? audit_json(audit) : audit_text(audit));
    return audit.findings() > 0 ? 3 : 0;
  }

 private:
  /// What one file tells.
  struct Seen {
    std::string sha256;
    std::string damage;
    Picture picture;
    std::optional<std::uint64_t> hash;
  };

  Seen look(const Sample& entry, const std::stop_token& stop) const {
    Seen seen;
    try {
      const auto data = files::read_file(entry.file, static_cast<std::uint64_t>(params_.max_bytes), stop);
      if (!data) return seen;
      seen.sha256 = sha256_hex(*data);
      const codec::Decoded decoded = codec::decode(*data, params_.max_pixels);
      seen.picture = {.label = entry.label,
                      .dataset = entry.dataset,
                      .bytes = static_cast<std::int64_t>(data->size()),
                      .width = decoded.pixels.cols,
                      .height = decoded.pixels.rows,
                      .facts = file_facts(*data, std::string(codec::name(decoded.format)))};
      seen.hash = perceptual_hash(codec::upright(decoded.pixels, decoded.orientation));
      if (!entry.sha256.empty() && entry.sha256 != seen.sha256) seen.damage = "not the file that the manifest lists";
    } catch (const Error& e) {
      seen.damage = e.code() + ": " + e.what();
    }
    return seen;
  }

  Audit judge(Entries entries, std::vector<Seen>& seen) const {
    Audit audit;
    std::vector<Picture> pictures;
    std::vector<std::optional<std::uint64_t>> hashes;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].sha256 = seen[i].sha256;
      hashes.push_back(seen[i].hash);
      if (!seen[i].damage.empty()) audit.damaged.emplace_back(i, seen[i].damage);
      if (!seen[i].picture.facts.format.empty()) pictures.push_back(std::move(seen[i].picture));
    }
    audit.exact = exact_duplicates(entries);
    audit.near = near_duplicates(entries, hashes, static_cast<int>(params_.near));
    audit.groups = split_groups(entries);
    audit.leaks = leaks(pictures);
    audit.entries = std::move(entries);
    return audit;
  }
};

}  // namespace

void register_data_audit(Registrar& registrar) { registrar.command<DataAudit>("data audit"); }

}  // namespace dfpipe::datasets
