#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dfpipe/sha256.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/sample.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::datasets {
namespace {

using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::ScratchFolder;

NodeRunner source(const ScratchFolder& folder, const std::string& split = "test") {
  NodeRunner node("labelled-images");
  node.set("ds1", folder / "m.csv").set("split", split);
  return node;
}

/// "path label contents" of each item, or "path label !code".
std::vector<std::string> items(NodeRunner& node) {
  std::vector<std::string> out;
  for (const auto& item : node.run_source()) {
    const Sample& sample = item.get<Sample>("sample");
    std::string line = item.get<std::string>("path") + " " + std::to_string(sample.label) + " ";
    if (item.has("bytes")) {
      const auto& data = item.get<Bytes>("bytes").data;
      line.append(data.begin(), data.end());
    } else {
      line += "!" + item.cell("bytes").why()->code;
    }
    out.push_back(line);
  }
  return out;
}

TEST(LabelledImages, GivesContentsNamesAndSamplesOfTheSplit) {
  const ScratchFolder folder;
  folder.write("a.jpg", "one");
  folder.write("b.jpg", "two");
  folder.write("m.csv", "path,label,dataset,split\nb.jpg,fake,d,test\na.jpg,real,d,test\nc.jpg,real,d,train\n");
  NodeRunner node = source(folder);
  EXPECT_EQ(items(node), (std::vector<std::string>{"b.jpg 1 two", "a.jpg 0 one"}));
}

TEST(LabelledImages, APictureThatCannotBeReadKeepsItsSample) {
  const ScratchFolder folder;
  folder.write("a.jpg", "one");
  folder.write("b.jpg", "two");
  folder.write("m.csv", "path,label,dataset,split,sha256\nno.jpg,fake,d,test,\na.jpg,real,d,test," +
                            std::string(64, '0') + "\nb.jpg,real,d,test," + sha256_hex(std::string_view("two")) + "\n");
  NodeRunner node = source(folder);
  EXPECT_EQ(items(node), (std::vector<std::string>{"no.jpg 1 !not_found", "a.jpg 0 !changed", "b.jpg 0 two"}));
}

TEST(LabelledImages, TakesSeveralDataSetsOneAfterTheOther) {
  const ScratchFolder folder;
  folder.write("tree/Test/Fake/1.png", "x");
  folder.write("a.jpg", "one");
  folder.write("m.csv", "path,label,dataset,split\na.jpg,real,d,test\n");
  NodeRunner node = source(folder);
  node.set("ds2", folder / "tree");
  EXPECT_EQ(items(node), (std::vector<std::string>{"a.jpg 0 one", "tree/Test/Fake/1.png 1 x"}));
  EXPECT_EQ(node.node().facts().at("data"), "d test: 1 real, 0 fake; tree test: 0 real, 1 fake");
}

TEST(LabelledImages, ResumeIsRefusedWhenTheDataHaveChanged) {
  const ScratchFolder folder;
  folder.write("m.csv", "path,label,dataset,split\na.jpg,real,d,test\n");
  NodeRunner first = source(folder);
  first.open();
  const std::string state = static_cast<Source&>(first.node()).state();
  NodeRunner same = source(folder);
  same.open();
  EXPECT_NO_THROW(static_cast<Source&>(same.node()).restore(state));
  folder.write("m.csv", "path,label,dataset,split\na.jpg,fake,d,test\n");
  NodeRunner other = source(folder);
  other.open();
  try {
    static_cast<Source&>(other.node()).restore(state);
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("the data are not those of the earlier run: 1 are described otherwise ('a.jpg')"));
  }
}

TEST(LabelledImages, NothingToReadIsAnErrorBeforeTheRun) {
  const ScratchFolder folder;
  folder.write("m.csv", "path,label,dataset,split\na.jpg,real,d,test\n");
  NodeRunner node = source(folder, "train");
  EXPECT_THROW(node.open(), std::runtime_error);
  NodeRunner none("labelled-images");
  none.set("ds1", std::filesystem::path());
  EXPECT_THROW(none.open(), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::datasets
