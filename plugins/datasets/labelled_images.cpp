#include <filesystem>

#include "data_sets.hpp"
#include "dfpipe/sha256.hpp"
#include "dfpipe/types/basic.hpp"
#include "nodes.hpp"
#include "read_file.hpp"

namespace dfpipe::datasets {
namespace {

namespace fs = std::filesystem;

/// Reads the pictures of labelled data sets. Each `dsN` is a manifest (.csv or .jsonl: path, label, dataset, split,
/// optional group and sha256) or a folder tree `<root>/{Train,Validation,Test}/{Real,Fake}`, names in any case. The
/// order is that of the data sets, inside a tree that of torchvision's ImageFolder, inside a manifest its own.
///
/// A class that is neither real nor fake is an error before the run, unless `classes` maps it: ["stylegan=fake",
/// "youtube=real"]. So is every row of a manifest that is wrong, with its line. `split: all` takes everything.
///
/// A picture that cannot be read is an error of its item: not_found, unreadable, not_a_file, too_large, truncated; and
/// `changed` when the manifest has another SHA-256 of it. `sample` is there all the same, so that nothing is dropped
/// from the count of its data set. `--resume` refuses data that have changed since the first run, and says how.
///
///     data: {type: labelled-images, with: {ds1: "${ds1}", ds2: "${ds2}", split: test}}
class LabelledImages final : public Source {
  struct Params : ParamSet {
    const fs::path& ds1 =
        path("ds1", "", {.about = "a manifest, or a data set's folder with Train, Validation, Test", .required = true});
    const fs::path& ds2 = path("ds2", "", {.about = "another, if there is one"});
    const fs::path& ds3 = path("ds3", "", {.about = "another, if there is one"});
    const fs::path& ds4 = path("ds4", "", {.about = "another, if there is one"});
    const std::string& split =
        choice("split", "test", {.about = "which part", .choices = {"train", "validation", "test", "all"}});
    const std::vector<std::string>& classes =
        texts("classes", {}, {.about = "what class names mean besides real and fake: NAME=real or NAME=fake"});
    const std::string& group_column =
        text("group_column", "group", {.about = "a manifest's column that names the person or the video"});
    const bool& check_hashes =
        boolean("check_hashes", true, {.about = "compare each file with the manifest's SHA-256, where it has one"});
    const std::int64_t& max_bytes =
        integer("max_bytes", std::int64_t{256} << 20,
                {.about = "larger files are refused unread; every live item may hold one", .unit = "bytes", .min = 1});
  };

 public:
  LabelledImages()
      : Source({.about = "Read the labelled pictures of data sets: manifests and ImageFolder trees.",
                .lane = Lane::blocking},
               &params_) {}

  void open(OpenContext&) override {
    std::vector<fs::path> places;
    for (const fs::path* place : {&params_.ds1, &params_.ds2, &params_.ds3, &params_.ds4})
      if (!place->empty()) places.push_back(*place);
    if (places.empty()) throw Error("ds1 is empty: name a manifest or a data set's folder");
    DataSets read =
        read_data_sets(places, {.classes = ClassNames(params_.classes), .group_column = params_.group_column});
    passed_over_ = std::move(read.passed_over);
    entries_ = of_split(std::move(read.entries), params_.split);
  }

  bool next(Item& item, std::stop_token stop) override {
    if (position_ >= entries_.size() || stop.stop_requested()) return false;
    const Entry& entry = entries_[position_++];
    Attributes attributes = item.attributes();
    attributes.name = entry.sample.path;
    item.set_attributes(attributes);
    item.set(path_, entry.sample.path);
    item.set(sample_, entry.sample);
    auto data = files::read_file(entry.file, static_cast<std::uint64_t>(params_.max_bytes), stop);
    if (!data) return false;
    if (params_.check_hashes && !entry.sha256.empty()) check(*data, entry.sha256);
    item.set(bytes_, Bytes{std::move(*data)});
    return true;
  }

  bool skip() override {
    if (position_ >= entries_.size()) return false;
    ++position_;
    return true;
  }

  Facts facts() const override {
    Facts facts{{"samples", std::to_string(entries_.size())},
                {"data", counts_text(entries_)},
                {"list", sha256_hex(list_state(entries_))}};
    if (!passed_over_.empty()) facts["passed over"] = passed_over_;
    return facts;
  }

  std::optional<std::uint64_t> size() const override { return entries_.size(); }
  std::string state() const override { return list_state(entries_); }
  void restore(const std::string& earlier) override {
    if (const std::string how = difference(entries_, earlier); !how.empty())
      throw std::runtime_error("the data are not those of the earlier run: " + how +
                               "; run without --resume to start again");
    position_ = 0;
  }

 private:
  static void check(const std::vector<std::uint8_t>& data, const std::string& listed) {
    if (const std::string now = sha256_hex(data); now != listed)
      throw Error("the file is not the one in the manifest: SHA-256 " + now.substr(0, 12) + "…, listed " +
                      listed.substr(0, 12) + "…",
                  "changed");
  }

  Params params_;
  Out<Bytes> bytes_{this, "bytes", "the file's contents"};
  Out<std::string> path_{this, "path", "the file's name for people and outputs, valid UTF-8"};
  Out<Sample> sample_{this, "sample", "label (0 genuine, 1 fake), data set, split, group, path"};
  Entries entries_;
  std::string passed_over_;
  std::size_t position_ = 0;
};

}  // namespace

void register_labelled_images(Registrar& registrar) { registrar.node<LabelledImages>("labelled-images"); }

}  // namespace dfpipe::datasets
