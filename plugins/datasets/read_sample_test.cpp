#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dfpipe/sha256.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/sample.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::datasets {
namespace {

using testing::NodeRunner;
using testing::ScratchFolder;

Sample sample(const std::filesystem::path& file, const std::string& sha256 = {}) {
  return {.label = 1, .dataset = "d", .split = "train", .group = {}, .path = "a.jpg", .file = file, .sha256 = sha256};
}

/// The error's code, or "none".
std::string refusal(NodeRunner& node, const Sample& sample) {
  try {
    node.in("sample", sample).run();
  } catch (const Error& e) {
    return e.code();
  }
  return "none";
}

TEST(ReadSample, GivesTheContentsAndTheName) {
  const ScratchFolder folder;
  const auto file = folder.write("x.jpg", "one");
  NodeRunner node("read-sample");
  const auto out = node.in("sample", sample(file, sha256_hex(std::string_view("one")))).run();
  EXPECT_EQ(out.get<std::string>("path"), "a.jpg");
  EXPECT_EQ(out.get<Bytes>("bytes").data, (std::vector<std::uint8_t>{'o', 'n', 'e'}));
}

TEST(ReadSample, AFileThatIsAnotherThanListedIsRefusedUnlessHashesAreNotChecked) {
  const ScratchFolder folder;
  const Sample other = sample(folder.write("x.jpg", "one"), std::string(64, '0'));
  NodeRunner node("read-sample");
  EXPECT_EQ(refusal(node, other), "changed");
  NodeRunner trusting("read-sample");
  trusting.set("check_hashes", false);
  EXPECT_EQ(refusal(trusting, other), "none");
}

TEST(ReadSample, WhatCannotBeReadIsToldByItsCode) {
  const ScratchFolder folder;
  NodeRunner node("read-sample");
  node.set("max_bytes", std::int64_t{2});
  EXPECT_EQ(refusal(node, sample(folder / "none.jpg")), "not_found");
  EXPECT_EQ(refusal(node, sample(folder.path())), "not_a_file");
  EXPECT_EQ(refusal(node, sample(folder.write("x.jpg", "one"))), "too_large");
}

}  // namespace
}  // namespace dfpipe::datasets
