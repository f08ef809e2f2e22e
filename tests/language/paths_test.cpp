#include <gtest/gtest.h>

#include "planning.hpp"

/// Where relative paths lead.
namespace dfpipe::language_tests {
namespace {

namespace fs = std::filesystem;

const std::string pipeline = R"(pipeline: paths
params:
  input: {type: path, default: data/in}
  output: {type: path, default: out}
  made: {type: path, default: made, output: true}
nodes:
  files: {type: image-files, with: {path: "${input}"}}
  decode: {type: decode, in: {bytes: files.bytes}}
  faces: {type: face-crop, in: {image: decode.image}}
  each:
    foreach: {face: faces.faces}
    nodes:
      own: {type: clip-preprocess, in: {face: face}, with: {profile: "${input}/profile.json"}}
      written: {type: clip-preprocess, in: {face: face}, with: {profile: "${made}/profile.json"}}
      plain: {type: clip-preprocess, in: {face: face}, with: {profile: profile.json}}
      none: {type: clip-preprocess, in: {face: face}, with: {profile: ""}}
      result: {type: show-faces}
  sink: {type: predictions, in: {path: files.path, image: decode.info, faces: rows.rows}, with: {dir: "${output}"}}
  rows:
    foreach: {face: faces.faces}
    nodes:
      row: {type: face-result, in: {face: face}, use: {detector: detector}}
    out: {rows: row.result}
resources:
  detector: {type: detector, with: {model: "@models/list.txt"}}
)";

fs::path path_of(const Planned& plan, const std::string& node, const std::string& param) {
  return std::get<fs::path>(plan.param(node, param));
}

/// Runs in another working directory.
class Elsewhere {
 public:
  explicit Elsewhere(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  ~Elsewhere() { fs::current_path(before_); }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

 private:
  fs::path before_;
};

TEST(Paths, InAFileResolveAgainstTheNearestProject) {
  const Folder folder;
  fs::create_directories(folder.path() / "pipelines");
  const Planned plan = planned(folder.write("pipelines/deep/er/p.yaml", pipeline));
  EXPECT_EQ(path_of(plan, "files", "path"), folder.path() / "data/in");
  EXPECT_EQ(path_of(plan, "each/own", "profile"), folder.path() / "data/in/profile.json");
  EXPECT_EQ(path_of(plan, "each/plain", "profile"), folder.path() / "profile.json");
  EXPECT_EQ(path_of(plan, "each/none", "profile"), "");
}

TEST(Paths, AMarkerFileNamesTheProjectToo) {
  const Folder folder;
  folder.write("a/.dfpipe", "");
  EXPECT_EQ(path_of(planned(folder.write("a/b/p.yaml", pipeline)), "files", "path"), folder.path() / "a/data/in");
}

TEST(Paths, WithoutAProjectTheFilesOwnFolderCounts) {
  const Folder folder;
  EXPECT_EQ(path_of(planned(folder.write("a/b/p.yaml", pipeline)), "files", "path"), folder.path() / "a/b/data/in");
}

TEST(Paths, OutputsResolveAgainstTheWorkingDirectory) {
  const Folder folder;
  const Planned plan = planned(folder.write("p.yaml", pipeline));
  EXPECT_EQ(path_of(plan, "sink", "dir"), "out") << "the node says that it writes";
  EXPECT_EQ(path_of(plan, "each/written", "profile"), "made/profile.json") << "the parameter says that it is written";
}

TEST(Paths, OnTheCommandLineResolveAgainstTheWorkingDirectory) {
  const Folder folder;
  const fs::path file = folder.write("p.yaml", pipeline);
  EXPECT_EQ(path_of(planned(file, {"input=mine"}), "files", "path"), "mine");
  EXPECT_EQ(path_of(planned(file, {"input=mine"}), "each/own", "profile"), "mine/profile.json");
  EXPECT_EQ(path_of(planned(file, {"files.path=../other"}), "files", "path"), "../other");
  EXPECT_EQ(path_of(planned(file, {"input=/abs/olute"}), "files", "path"), "/abs/olute");
}

TEST(Paths, InsideTheWorkingDirectoryStayShort) {
  const Folder folder;
  folder.write("project/pipelines/p.yaml", pipeline);
  const Elsewhere there(folder.path());
  EXPECT_EQ(path_of(planned("project/pipelines/p.yaml"), "files", "path"), "project/data/in");
  EXPECT_EQ(path_of(planned(folder.path() / "project/pipelines/p.yaml"), "files", "path"), "project/data/in");
  const Elsewhere deeper(folder.path() / "project/pipelines");
  EXPECT_EQ(path_of(planned("p.yaml"), "files", "path"), fs::current_path().parent_path() / "data/in");
}

TEST(Paths, TheAtSignOfAListOfFilesStaysInFront) {
  const Folder folder;
  const Planned plan = planned(folder.write("p.yaml", pipeline));
  ASSERT_TRUE(plan.plan) << plan.text();
  const auto& value = plan.plan->graph.resources.at(0).resource->params().find("model")->value;
  EXPECT_EQ(std::get<fs::path>(value), "@" + (folder.path() / "models/list.txt").string());
}

TEST(Paths, PartsAndIncludesLieBesideTheFileThatNamesThem) {
  const Folder folder;
  folder.write("base/common.yaml", "nodes:\n  each: {foreach: {face: faces.faces}, part: parts/one.yaml}\n");
  folder.write("base/parts/one.yaml",
               "part: one\nin: {face: face}\nnodes:\n  two: {part: deeper/two.yaml, in: {face: face}}\n");
  folder.write("base/parts/deeper/two.yaml",
               "part: two\nin: {face: face}\nnodes:\n  regions: {type: regions, in: {face: face}}\n");
  const Planned plan = planned(folder.write("p.yaml", with_nodes("", "include: [base/common.yaml]\n")));
  ASSERT_TRUE(plan.plan) << plan.text();
  EXPECT_EQ(plan.node("each/two/regions").type, "regions");
}

TEST(Paths, TheResolvedFileMeansTheSameFromAnywhere) {
  const Folder folder;
  fs::create_directories(folder.path() / "elsewhere");
  const fs::path file = folder.write("p.yaml", pipeline);
  const std::vector<std::string> set{"output=" + (folder.path() / "out").string(), "made=/made"};
  const std::string here = planned(file, set).plan->resolved;
  const Elsewhere there(folder.path() / "elsewhere");
  EXPECT_EQ(planned("../p.yaml", set).plan->resolved, here);
}

}  // namespace
}  // namespace dfpipe::language_tests
