#include "data_set_params.hpp"
#include "dfpipe/sha256.hpp"
#include "dfpipe/types/basic.hpp"
#include "nodes.hpp"
#include "picture_file.hpp"

namespace dfpipe::datasets {
namespace {

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
  struct Params : WithPictureFiles<DataSetParams> {
    const std::string& split =
        choice("split", "test", {.about = "which part", .choices = {"train", "validation", "test", "all"}});
  };

 public:
  LabelledImages()
      : Source({.about = "Read the labelled pictures of data sets: manifests and ImageFolder trees.",
                .lane = Lane::blocking},
               &params_) {}

  void open(OpenContext&) override {
    DataSets read = params_.read();
    passed_over_ = std::move(read.passed_over);
    entries_ = of_split(std::move(read.entries), params_.split);
  }

  bool next(Item& item, std::stop_token stop) override {
    if (position_ >= entries_.size() || stop.stop_requested()) return false;
    const Sample& entry = entries_[position_++];
    Attributes attributes = item.attributes();
    attributes.name = entry.path;
    item.set_attributes(attributes);
    item.set(path_, entry.path);
    item.set(sample_, entry);
    auto data = read_picture_file(entry, params_.file_options(), stop);
    if (!data) return false;
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
    refuse_changes(entries_, earlier);
    position_ = 0;
  }

 private:
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
