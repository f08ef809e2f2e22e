#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "codec.hpp"
#include "dfpipe/error.hpp"
#include "dfpipe/types/sample.hpp"
#include "testing/node_runner.hpp"
#include "testing/process.hpp"
#include "testing/scratch_folder.hpp"
#include "testing/toolbox.hpp"

namespace dfpipe::datasets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::ScratchFolder;

/// A manifest under construction; the files themselves are never read.
class Manifest {
 public:
  Manifest& add(int count, const std::string& label, const std::string& dataset, const std::string& split) {
    for (; count > 0; --count)
      text_ += "p" + std::to_string(number_++) + ".jpg," + label + "," + dataset + "," + split + "\n";
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = "path,label,dataset,split\n";
  int number_ = 0;
};

/// a real 7, a fake 6, b real 9, b fake 4: with batches of 4, four an epoch; 9 pictures of validation.
const Manifest usual = Manifest()
                           .add(7, "real", "a", "train")
                           .add(6, "fake", "a", "train")
                           .add(3, "real", "a", "validation")
                           .add(2, "real", "a", "test")
                           .add(9, "real", "b", "train")
                           .add(4, "fake", "b", "train")
                           .add(6, "fake", "b", "validation");

NodeRunner source(const ScratchFolder& folder, const Manifest& manifest = usual) {
  NodeRunner node("balanced-batch");
  node.set("ds1", folder.write("m.csv", manifest.text()));
  node.set("batch", std::int64_t{4}).set("epochs", std::int64_t{3}).seed(5);
  return node;
}

struct Batch {
  Attributes attributes;
  std::vector<std::string> paths;
  std::multiset<std::string> groups;  ///< "a 0"
};

std::vector<Batch> batches(NodeRunner& node) {
  std::vector<Batch> all;
  for (const auto& item : node.run_source()) {
    Batch batch{item.attributes, {}, {}};
    const auto& samples = item.get<List<Sample>>("samples");
    for (std::size_t i = 0; i < samples.size(); ++i) {
      batch.paths.push_back(samples.at(i).path);
      batch.groups.insert(samples.at(i).dataset + " " + std::to_string(samples.at(i).label));
    }
    all.push_back(std::move(batch));
  }
  return all;
}

/// "train 1 of epoch 0", with "!" on the last of an epoch, for short: "t0", "v2!".
std::string outline(const std::vector<Batch>& all) {
  std::string text;
  for (const Batch& batch : all)
    text += (text.empty() ? "" : " ") + std::string(batch.attributes.phase == Phase::train ? "t" : "v") +
            std::to_string(batch.attributes.epoch) + (batch.attributes.last_of_epoch ? "!" : "");
  return text;
}

std::string refusal(NodeRunner& node) {
  try {
    node.open();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(BalancedBatch, EachEpochTrainsAndThenValidates) {
  const ScratchFolder folder;
  NodeRunner node = source(folder);
  const auto all = batches(node);
  EXPECT_EQ(outline(all), "t0 t0 t0 t0! v0 v0 v0! t1 t1 t1 t1! v1 v1 v1! t2 t2 t2 t2! v2 v2 v2!");
  EXPECT_EQ(static_cast<Source&>(node.node()).size(), all.size());
  EXPECT_EQ(all[2].attributes.name, "epoch 1 batch 3");
  EXPECT_EQ(all[12].attributes.name, "epoch 2 validation 2");
}

TEST(BalancedBatch, TrainingBatchesAreBalancedAndNoPictureComesTwiceInAnEpoch) {
  const ScratchFolder folder;
  NodeRunner node = source(folder);
  const auto all = batches(node);
  std::vector<std::set<std::string>> seen(3);
  for (const Batch& batch : all)
    if (batch.attributes.phase == Phase::train) {
      EXPECT_THAT(batch.groups, ElementsAre("a 0", "a 1", "b 0", "b 1"));
      for (const std::string& path : batch.paths) EXPECT_TRUE(seen[batch.attributes.epoch].insert(path).second) << path;
    }
  EXPECT_NE(seen[0], seen[1]) << "another part of the larger groups";
}

TEST(BalancedBatch, ValidationTakesEveryPictureInTheOrderOfTheList) {
  const ScratchFolder folder;
  NodeRunner node = source(folder);
  node.set("validation_batch", std::int64_t{5});
  const auto all = batches(node);
  EXPECT_THAT(all[4].paths, ElementsAre("p13.jpg", "p14.jpg", "p15.jpg", "p31.jpg", "p32.jpg"));
  EXPECT_THAT(all[5].paths, ElementsAre("p33.jpg", "p34.jpg", "p35.jpg", "p36.jpg"));
  EXPECT_EQ(all[10].paths, all[4].paths);
}

TEST(BalancedBatch, SamplesSayWhereTheFilesLie) {
  const ScratchFolder folder;
  NodeRunner node = source(folder);
  const auto items = node.run_source();
  const Sample& sample = items.at(0).get<List<Sample>>("samples").at(0);
  EXPECT_EQ(sample.file, folder / sample.path);
  EXPECT_EQ(sample.split, "train");
}

TEST(BalancedBatch, AnyPositionIsReachedBySkippingAndGivesTheSameBatch) {
  const ScratchFolder folder;
  NodeRunner whole = source(folder);
  const auto all = batches(whole);
  for (std::size_t position = 0; position <= all.size(); ++position) {
    NodeRunner node = source(folder);
    node.open();
    auto& resumed = static_cast<Source&>(node.node());
    resumed.restore(static_cast<Source&>(whole.node()).state());
    for (std::size_t i = 0; i < position; ++i) ASSERT_TRUE(resumed.skip());
    const auto rest = batches(node);
    ASSERT_EQ(rest.size(), all.size() - position);
    for (std::size_t i = 0; i < rest.size(); ++i) {
      EXPECT_EQ(rest[i].paths, all[position + i].paths);
      EXPECT_EQ(rest[i].attributes.name, all[position + i].attributes.name);
    }
    EXPECT_FALSE(resumed.skip());
  }
}

TEST(BalancedBatch, AnotherSeedGivesAnotherOrder) {
  const ScratchFolder folder;
  NodeRunner one = source(folder), same = source(folder), other = source(folder);
  other.seed(6);
  const auto order = batches(one).at(0).paths;
  EXPECT_EQ(batches(same).at(0).paths, order);
  EXPECT_NE(batches(other).at(0).paths, order);
}

TEST(BalancedBatch, MaxStepsCutsTheLastEpochShortAndValidatesIt) {
  const ScratchFolder folder;
  NodeRunner node = source(folder), whole = source(folder), more = source(folder);
  node.set("max_steps", std::int64_t{6}).set("validation_batch", std::int64_t{9});
  const auto cut = batches(node), all = batches(whole);
  EXPECT_EQ(outline(cut), "t0 t0 t0 t0! v0! t1 t1! v1!");
  EXPECT_EQ(cut[6].paths, all[8].paths) << "the same batches as without";
  more.set("max_steps", std::int64_t{100});
  EXPECT_EQ(batches(more).size(), all.size());
}

TEST(BalancedBatch, OverfittingTakesTheSameBatchesInEveryEpochAndValidatesOnTheirPictures) {
  const ScratchFolder folder;
  NodeRunner node = source(folder), whole = source(folder);
  node.set("overfit_batches", std::int64_t{2}).set("validation_batch", std::int64_t{8});
  const auto few = batches(node), all = batches(whole);
  EXPECT_EQ(outline(few), "t0 t0! v0! t1 t1! v1! t2 t2! v2!");
  for (const std::size_t epoch : {0, 1, 2}) {
    EXPECT_EQ(few[3 * epoch].paths, all[0].paths);
    EXPECT_EQ(few[3 * epoch + 1].paths, all[1].paths);
    std::vector<std::string> trained = all[0].paths;
    trained.insert(trained.end(), all[1].paths.begin(), all[1].paths.end());
    EXPECT_THAT(few[3 * epoch + 2].paths, ::testing::UnorderedElementsAreArray(trained));
  }
  NodeRunner too_many = source(folder);
  too_many.set("overfit_batches", std::int64_t{5});
  EXPECT_EQ(refusal(too_many), "overfit_batches 5: an epoch has only 4 training batches; take at most that many");
}

TEST(BalancedBatch, ADryRunIsOneBatchOfEachWithBothClasses) {
  const ScratchFolder folder;
  NodeRunner node = source(folder);
  node.set("dry_run", true);
  const auto all = batches(node);
  EXPECT_EQ(outline(all), "t0! v0!");
  EXPECT_THAT(all[1].groups, ElementsAre("a 0", "a 0", "b 1", "b 1"));
}

TEST(BalancedBatch, WhatIsLeftOutIsSaid) {
  const ScratchFolder folder;
  NodeRunner node = source(folder);
  node.open();
  const Facts facts = node.node().facts();
  EXPECT_EQ(facts.at("groups"), "a real 7, a fake 6, b real 9, b fake 4");
  EXPECT_EQ(facts.at("unused per epoch"), "a real 3, a fake 2, b real 5");
  EXPECT_EQ(facts.at("batches per epoch"), "4");
  EXPECT_EQ(facts.at("validation batches"), "3");
  EXPECT_THAT(facts.at("data"), HasSubstr("a train: 7 real, 6 fake; a validation: 3 real, 0 fake; b train"));
  EXPECT_EQ(facts.at("list").size(), 64u);
  NodeRunner few = source(folder);
  few.set("overfit_batches", std::int64_t{2});
  EXPECT_EQ(few.open().node().facts().at("unused per epoch"), "a real 5, a fake 4, b real 7, b fake 2");
}

TEST(BalancedBatch, DataThatNoEpochCouldUseAreRefusedBeforeTheRun) {
  const ScratchFolder folder;
  const auto said = [&](const Manifest& manifest) {
    NodeRunner node = source(folder, manifest);
    return refusal(node);
  };
  const Manifest trained = Manifest().add(4, "real", "a", "train").add(4, "fake", "a", "train");
  EXPECT_EQ(
      said(trained),
      "no picture is in the split 'validation', so that no epoch could be told to be better than another: put some "
      "pictures of both classes there; there are a train: 4 real, 4 fake");
  EXPECT_THAT(said(Manifest(trained).add(2, "fake", "a", "validation")),
              HasSubstr("all pictures in the split 'validation' are fake, so that no epoch"));
  EXPECT_THAT(said(Manifest().add(2, "real", "a", "validation").add(2, "fake", "a", "test")),
              HasSubstr("no picture is in the split 'train'; there are a test: 0 real, 2 fake; a validation"));
  EXPECT_THAT(said(Manifest(trained).add(9, "real", "b", "train").add(1, "fake", "b", "test")),
              HasSubstr("there is no training picture of 'b fake', and a batch takes as many of each"));
  EXPECT_THAT(said(Manifest(trained)
                       .add(1, "real", "b", "train")
                       .add(1, "fake", "b", "train")
                       .add(1, "real", "c", "train")
                       .add(1, "fake", "c", "train")),
              HasSubstr("batch 4 cannot be shared equally by the 6 groups (a real, a fake, b real, b fake, c real, c "
                        "fake): take 6"));
}

TEST(BalancedBatch, AClassThatIsNeitherRealNorFakeIsRefusedAndNotTakenForReal) {
  // The original's B10: every name but "fake" counts as real there.
  const ScratchFolder folder;
  for (const char* file : {"Train/Real/1.png", "Train/Fakes/1.png", "Validation/Real/2.png", "Validation/Fakes/2.png"})
    folder.write("set/" + std::string(file));
  NodeRunner node("balanced-batch");
  node.set("ds1", folder / "set").set("batch", std::int64_t{2});
  EXPECT_THAT(refusal(node), HasSubstr("class 'Fakes' is neither real nor fake; map it with classes"));
  NodeRunner mapped("balanced-batch");
  mapped.set("ds1", folder / "set")
      .set("batch", std::int64_t{2})
      .set("classes", std::vector<std::string>{"Fakes=fake"});
  EXPECT_EQ(batches(mapped).size(), 30u);
}

TEST(BalancedBatch, APictureThatCannotBeReadIsAnErrorThatNamesItAndTheOthersAreRead) {
  const ScratchFolder folder;
  const auto jpeg = codec::encode_jpeg(cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(90)), 90);
  for (const char* file : {"Train/Real/a.jpg", "Validation/Real/b.jpg", "Validation/Fake/c.jpg"})
    folder.write("set/" + std::string(file), {jpeg.begin(), jpeg.end()});
  folder.write("set/Train/Fake/d.jpg", "no picture");
  const auto pipeline = folder.write("read.yaml", R"(
pipeline: read
nodes:
  batches: {type: balanced-batch, with: {ds1: set, batch: 2, epochs: 2}}
  per-sample:
    foreach: {sample: batches.samples}
    nodes:
      read: {type: read-sample, in: {sample: sample}}
      decode: {type: decode, in: {bytes: read.bytes}}
      write: {type: image-write, in: {image: decode.image, path: read.path}, with: {dir: out}}
)");
  const testing::Toolbox toolbox({"datasets.so", "image.so"});
  const auto f = testing::run_process(toolbox.command_line({"run", pipeline.string()}), {.cwd = folder.path()});
  EXPECT_EQ(f.exit_code, 3) << f.err;
  EXPECT_THAT(f.err, HasSubstr("(epoch 2 batch 1, set/Train/Fake/d.jpg): node 'per-sample/decode': not_an_image"));
  EXPECT_THAT(f.err, HasSubstr("unused per epoch none"));
  EXPECT_THAT(f.err, ::testing::Not(HasSubstr("data audit"))) << "nothing overlaps";
  EXPECT_THAT(f.err, HasSubstr("4 in = 2 ok + 2 failed + 0 skipped + 0 stopped"));
  for (const char* path : {"Train/Real/a", "Validation/Real/b", "Validation/Fake/c"})
    EXPECT_TRUE(std::filesystem::exists(folder / "out/set" / (std::string(path) + ".jpg.png"))) << path;
}

TEST(BalancedBatch, APersonInTwoSplitsIsWarnedOf) {
  const ScratchFolder folder;
  folder.write("m.csv",
               "path,label,dataset,split,group\na.jpg,real,d,train,anna\nb.jpg,fake,d,train,\n"
               "c.jpg,real,d,validation,anna\nd.jpg,fake,d,validation,\n");
  const auto pipeline = folder.write("read.yaml", R"(
pipeline: read
nodes:
  batches: {type: balanced-batch, with: {ds1: m.csv, batch: 2, epochs: 1}}
  per-sample:
    foreach: {sample: batches.samples}
    nodes:
      read: {type: read-sample, in: {sample: sample}}
      decode: {type: decode, in: {bytes: read.bytes}}
      write: {type: image-write, in: {image: decode.image}, with: {dir: out}}
)");
  const testing::Toolbox toolbox({"datasets.so", "image.so"});
  const auto f = testing::run_process(toolbox.command_line({"run", pipeline.string()}), {.cwd = folder.path()});
  EXPECT_THAT(f.err, HasSubstr("1 groups are in more than one split ('anna' of d): scores on these data"));
}

TEST(BalancedBatch, ResumeIsRefusedWhenTheTrainingDataHaveChangedAndNotWhenTheTestDataHave) {
  const ScratchFolder folder;
  NodeRunner first = source(folder);
  const std::string state = static_cast<Source&>(first.open().node()).state();
  NodeRunner tested = source(folder, Manifest(usual).add(3, "fake", "a", "test"));
  EXPECT_NO_THROW(static_cast<Source&>(tested.open().node()).restore(state));
  NodeRunner more = source(folder, Manifest(usual).add(1, "fake", "a", "train"));
  try {
    static_cast<Source&>(more.open().node()).restore(state);
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("the data are not those of the earlier run: 1 samples are new ('p37.jpg')"));
  }
}

}  // namespace
}  // namespace dfpipe::datasets
