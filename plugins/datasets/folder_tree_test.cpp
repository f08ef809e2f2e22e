#include "folder_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "data_sets.hpp"
#include "dfpipe/error.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::datasets {
namespace {

using ::testing::HasSubstr;
using testing::ScratchFolder;

template <class Read>
std::string refusal(Read read) {
  try {
    read();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

/// tests/data/datasets/folder.json: lists of files, and what torchvision's ImageFolder and the original's labels make
/// of them.
nlohmann::json golden() {
  std::ifstream file("tests/data/datasets/folder.json");
  return nlohmann::json::parse(file);
}

TEST(FolderTree, OrderAndLabelsAreTorchvisions) {
  const nlohmann::json trees = golden();
  for (const auto& [name, tree] : trees.items()) {
    const ScratchFolder folder;
    for (const std::string file : tree["files"]) folder.write("Train/" + file);
    const ClassNames classes({"Fakes=real", "deepfake=real", "stylegan=real"});  // as the original takes them
    std::vector<std::pair<std::string, std::int64_t>> got, wanted = tree["samples"];
    for (const Sample& entry : read_folder_tree(folder.path(), "d", classes).entries)
      got.emplace_back(entry.path.substr(std::string("d/Train/").size()), entry.label);
    EXPECT_EQ(got, wanted) << name;
  }
}

TEST(FolderTree, ANameThatIsNeitherRealNorFakeIsRefusedAndNotTakenForReal) {
  const ScratchFolder folder;
  for (const char* name : {"Fakes", "deepfake", "real"}) folder.write("test/" + std::string(name) + "/1.png");
  EXPECT_THAT(refusal([&] { read_folder_tree(folder.path(), "d", {}); }),
              HasSubstr("/test: class 'Fakes', 'deepfake' is neither real nor fake; map it with classes"));
}

TEST(FolderTree, SplitsHaveManyNamesAndOneOrder) {
  const ScratchFolder folder;
  for (const char* name : {"TEST", "Valid", "training"}) folder.write(std::string(name) + "/REAL/1.png");
  folder.write("notes/a.txt");
  folder.write("TEST/REAL/a.txt");
  const FolderTree tree = read_folder_tree(folder.path(), "d", {});
  std::vector<std::string> splits;
  for (const Sample& entry : tree.entries) splits.push_back(entry.split);
  EXPECT_EQ(splits, (std::vector<std::string>{"train", "validation", "test"}));
  EXPECT_EQ(tree.passed_over, "folders that are no split: 'notes'; 1 files without a picture's extension");
}

TEST(FolderTree, WhatIsMissingOrMeantTwiceIsRefused) {
  const ScratchFolder folder;
  folder.write("a/train/real/1.png");
  folder.write("a/TRAIN/real/1.png");
  folder.write("b/train/real/1.txt");
  folder.write("c/train/1.png");
  folder.write("d/Dataset/train/real/1.png");
  const auto said = [&](const char* name) { return refusal([&] { read_folder_tree(folder / name, "d", {}); }); };
  EXPECT_THAT(said("a"), HasSubstr("a: 'TRAIN' and 'train' both mean the split train"));
  EXPECT_THAT(said("b"), HasSubstr("b/train/real: a class without pictures"));
  EXPECT_THAT(said("c"), HasSubstr("c/train: no folder Real or Fake in it"));
  EXPECT_THAT(said("d"), HasSubstr("no folder Train, Validation or Test in it, but 'Dataset'"));
  EXPECT_THAT(said("none"), HasSubstr("none: cannot be listed: No such file or directory"));
}

TEST(DataSets, TreesWithTheSameNameAreToldApartByTheFoldersAbove) {
  const ScratchFolder folder;
  folder.write("one/Dataset/test/real/1.png");
  folder.write("two/Dataset/test/fake/1.png");
  const DataSets both = read_data_sets({folder / "one/Dataset", folder / "two/Dataset/"}, {});
  EXPECT_EQ(counts_text(both.entries), "one/Dataset test: 1 real, 0 fake; two/Dataset test: 0 real, 1 fake");
  EXPECT_EQ(both.entries[0].path, "one/Dataset/test/real/1.png");
}

TEST(DataSets, AFileThatBelongsToTwoIsRefused) {
  const ScratchFolder folder;
  folder.write("a/test/real/1.png");
  const auto manifest = folder.write("m.csv", "path,label,dataset,split\na/test/real/1.png,real,m,test\n");
  EXPECT_THAT(refusal([&] {
                read_data_sets({folder / "a", manifest}, {});
              }),
              HasSubstr("a/test/real/1.png: belongs to two of the data sets given"));
  EXPECT_THAT(refusal([&] { read_data_sets({folder / "none"}, {}); }),
              HasSubstr("there is no such manifest or folder"));
}

TEST(DataSets, ASplitWithoutPicturesIsRefusedWithThoseThereAre) {
  const ScratchFolder folder;
  folder.write("a/test/real/1.png");
  const DataSets data = read_data_sets({folder / "a"}, {});
  EXPECT_EQ(refusal([&] { of_split(data.entries, "train"); }),
            "no picture is in the split 'train'; there are a test: 1 real, 0 fake");
  EXPECT_EQ(of_split(data.entries, "all").size(), 1u);
}

TEST(DataSets, ADifferenceFromAnEarlierListIsTold) {
  const ScratchFolder folder;
  folder.write("a/test/real/1.png");
  folder.write("a/test/real/2.png");
  const Entries before = read_data_sets({folder / "a"}, {}).entries;
  const std::string state = list_state(before);
  EXPECT_EQ(difference(before, state), "");
  Entries now = before;
  now[0].label = 1;
  now[1].path = "a/test/real/3.png";
  EXPECT_EQ(difference(now, state),
            "1 samples are new ('a/test/real/3.png'); 1 are gone ('a/test/real/2.png'); 1 are described otherwise "
            "('a/test/real/1.png')");
  EXPECT_EQ(difference({before[1], before[0]}, state), "the order is another");
  EXPECT_THROW(difference(before, "{"), std::runtime_error);
  EXPECT_THROW(difference(before, "[3]"), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::datasets
