#include <algorithm>

#include "balanced_sampler.hpp"
#include "batch_schedule.hpp"
#include "data_set_params.hpp"
#include "dfpipe/sha256.hpp"
#include "duplicates.hpp"
#include "nodes.hpp"

namespace dfpipe::datasets {
namespace {

/// Batches for a training, one an item: of each epoch the training batches, then the validation batches. Data sets are
/// given as to labelled-images; their splits `train` and `validation` are used. Files are not read: see read-sample.
///
/// A training batch holds equally many pictures of each group; the groups are the data sets' real and fake pictures.
/// The smallest group decides how many batches an epoch has. Each epoch permutes every group afresh, so of the larger
/// groups another random part is left out each time (the fact `unused per epoch` says how many), and no picture comes
/// twice in an epoch. The order is a pure function of seed and epoch: a training that is resumed sees the batches it
/// would have seen. Validation takes every picture of all data sets, in their order; its last batch may be smaller.
///
/// Items carry `phase` (train, eval), `epoch` (from 0), `last_of_epoch` on the last batch of either phase, and a name:
/// "epoch 1 batch 3", "epoch 1 validation 2".
///
/// For looking into a training: `overfit_batches: N` takes the first N batches of epoch 0 in every epoch, and validates
/// on their pictures; a detector that does not learn these by heart is broken. `dry_run` gives one training batch and
/// one validation batch, with both classes in it. `max_steps` ends after that many training batches; the epoch it cuts
/// short is validated.
///
/// Before the run are refused: a batch that the groups cannot share equally, a group without pictures or with fewer
/// than one batch takes, no validation pictures or only one class of them. A person or video in two splits, and equal
/// files as far as a manifest has hashes, are warned of. `--resume` refuses data that have changed since the first run,
/// and says how.
///
///     batches: {type: balanced-batch, with: {ds1: "${ds1}", ds2: "${ds2}", batch: 64, epochs: 15}}
class BalancedBatch final : public Source {
  struct Params : DataSetParams {
    const std::int64_t& batch = integer(
        "batch", 64,
        {.about = "size of a training batch; each group has an equal share", .unit = "pictures", .min = 1, .max = 1e6});
    const std::int64_t& validation_batch =
        integer("validation_batch", 0,
                {.about = "size of a validation batch; 0: as batch", .unit = "pictures", .min = 0, .max = 1e6});
    const std::int64_t& epochs =
        integer("epochs", 15, {.about = "how often the training set is gone through", .min = 1, .max = 1e6});
    const std::int64_t& max_steps =
        integer("max_steps", 0, {.about = "training batches in all; 0: those of all epochs", .min = 0, .max = 1e12});
    const std::int64_t& overfit_batches =
        integer("overfit_batches", 0,
                {.about = "only the first so many training batches, in every epoch and for validation; 0: all of them",
                 .min = 0,
                 .max = 1e6});
    const bool& dry_run = boolean("dry_run", false, {.about = "one training batch, one validation batch, and the end"});
  };

 public:
  BalancedBatch()
      : Source({.about = "Make training batches with equally many pictures of each data set and class, and the "
                         "validation batches of each epoch.",
                .lane = Lane::blocking},
               &params_) {}

  void open(OpenContext& context) override {
    DataSets read = params_.read();
    passed_over_ = std::move(read.passed_over);
    counts_ = counts_text(read.entries);
    if (const std::string overlap = overlap_text(read.entries); !overlap.empty()) log(LogLevel::warning, overlap);
    entries_ = std::move(read.entries);
    std::erase_if(entries_, [](const Sample& sample) { return sample.split == "test"; });
    const Positions training = positions_of(entries_, "train");
    if (training.empty()) throw Error("no picture is in the split 'train'; there are " + counts_, "data");
    sampler_.emplace(groups_of(entries_, training), static_cast<std::size_t>(params_.batch), context.seed());
    schedule_.training = sampler_->batches();
    validation_ = params_.overfit_batches > 0 ? overfit_pictures() : positions_of(entries_, "validation");
    check_validation();
    validation_batch_ =
        static_cast<std::size_t>(params_.validation_batch > 0 ? params_.validation_batch : params_.batch);
    plan();
  }

  bool next(Item& item, std::stop_token stop) override {
    if (position_ >= schedule_.size() || stop.stop_requested()) return false;
    const BatchSchedule::Place place = schedule_.at(position_++);
    Attributes attributes = item.attributes();
    attributes.phase = place.phase;
    attributes.epoch = static_cast<std::uint32_t>(place.epoch);
    attributes.last_of_epoch = place.last;
    attributes.name = "epoch " + std::to_string(place.epoch + 1) +
                      (place.phase == Phase::train ? " batch " : " validation ") + std::to_string(place.number + 1);
    item.set_attributes(attributes);
    List<Sample> samples;
    for (const std::size_t i : place.phase == Phase::train ? training_batch(place) : validation_batch(place))
      samples.push_back(entries_[i]);
    item.set(samples_, std::move(samples));
    return true;
  }

  bool skip() override {
    if (position_ >= schedule_.size()) return false;
    ++position_;
    return true;
  }

  Facts facts() const override {
    std::string unused;
    for (const Group& group : sampler_->groups())
      if (const std::size_t count = group.pictures.size() - schedule_.training * sampler_->per_group(); count > 0)
        unused += (unused.empty() ? "" : ", ") + group.name + " " + std::to_string(count);
    Facts facts{{"list", sha256_hex(list_state(entries_))},
                {"data", counts_text(entries_)},
                {"groups", sizes_text(sampler_->groups())},
                {"epochs", std::to_string(schedule_.epochs())},
                {"batches", std::to_string(schedule_.size())},
                {"batches per epoch", std::to_string(schedule_.training)},
                {"validation batches", std::to_string(schedule_.validation)},
                {"unused per epoch", unused.empty() ? "none" : unused}};
    if (!passed_over_.empty()) facts["passed over"] = passed_over_;
    return facts;
  }

  std::optional<std::uint64_t> size() const override { return schedule_.size(); }
  std::string state() const override { return list_state(entries_); }
  void restore(const std::string& earlier) override {
    refuse_changes(entries_, earlier);
    position_ = 0;
  }

 private:
  /// The pictures of the batches that are taken again and again, in the order of the list.
  Positions overfit_pictures() {
    const auto wanted = static_cast<std::size_t>(params_.overfit_batches);
    if (wanted > sampler_->batches())
      throw Error("overfit_batches " + std::to_string(wanted) + ": an epoch has only " +
                      std::to_string(sampler_->batches()) + " training batches; take at most that many",
                  "data");
    schedule_.training = wanted;
    Positions pictures;
    const std::vector<Positions> batches = sampler_->epoch(0);
    for (std::size_t i = 0; i < wanted; ++i) pictures.insert(pictures.end(), batches[i].begin(), batches[i].end());
    std::ranges::sort(pictures);
    return pictures;
  }

  /// Said now and not after an epoch of work: without both classes there is no ROC-AUC to choose the best model by.
  void check_validation() const {
    const auto fakes = std::ranges::count_if(validation_, [&](std::size_t i) { return entries_[i].label == 1; });
    const std::string remedy =
        ", so that no epoch could be told to be better than another: put some pictures of both classes there; there "
        "are ";
    if (validation_.empty()) throw Error("no picture is in the split 'validation'" + remedy + counts_, "data");
    if (fakes == 0 || static_cast<std::size_t>(fakes) == validation_.size())
      throw Error(std::string("all pictures in the split 'validation' are ") + (fakes == 0 ? "real" : "fake") + remedy +
                      counts_,
                  "data");
  }

  void plan() {
    schedule_.steps = schedule_.training * static_cast<std::uint64_t>(params_.epochs);
    if (params_.max_steps > 0)
      schedule_.steps = std::min(schedule_.steps, static_cast<std::uint64_t>(params_.max_steps));
    if (params_.dry_run) {
      schedule_.steps = 1;
      validation_ = taken_in_turn(groups_of(entries_, validation_), validation_batch_);
    }
    schedule_.validation = (validation_.size() + validation_batch_ - 1) / validation_batch_;
  }

  Positions training_batch(const BatchSchedule::Place& place) {
    const std::uint64_t epoch = params_.overfit_batches > 0 ? 0 : place.epoch;
    if (batches_.empty() || epoch_ != epoch) {
      batches_ = sampler_->epoch(epoch);
      epoch_ = epoch;
    }
    return batches_[place.number];
  }

  Positions validation_batch(const BatchSchedule::Place& place) const {
    const std::size_t begin = place.number * validation_batch_;
    const std::size_t count = std::min(validation_batch_, validation_.size() - begin);
    const auto from = validation_.begin() + static_cast<std::ptrdiff_t>(begin);
    return {from, from + static_cast<std::ptrdiff_t>(count)};
  }

  Params params_;
  Out<List<Sample>> samples_{this, "samples", "the batch's pictures: label, data set, split, group, path, file"};
  Entries entries_;  ///< the splits train and validation
  std::string counts_;
  std::string passed_over_;
  std::optional<BalancedSampler> sampler_;
  Positions validation_;
  std::size_t validation_batch_ = 1;
  BatchSchedule schedule_;
  std::uint64_t position_ = 0;
  std::vector<Positions> batches_;  ///< of `epoch_`, the epoch of the last training batch
  std::uint64_t epoch_ = 0;
};

}  // namespace

void register_balanced_batch(Registrar& registrar) { registrar.node<BalancedBatch>("balanced-batch"); }

}  // namespace dfpipe::datasets
