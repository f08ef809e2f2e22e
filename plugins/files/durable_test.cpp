#include "durable.hpp"

#include <gtest/gtest.h>

#include "dfpipe/error.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::files {
namespace {

TEST(LineFile, GoesOnAfterTheBytesThatAreNamedAndCutsOffTheRest) {
  const testing::ScratchFolder folder;
  std::uint64_t kept = 0;
  {
    LineFile lines(folder / "f", LineFile::Start::empty);
    lines.append("one");
    kept = lines.size();
    lines.append("two");
  }
  EXPECT_EQ(folder.read("f"), "one\ntwo\n");
  LineFile lines(folder / "f", kept);
  lines.append("three");
  EXPECT_EQ(folder.read("f"), "one\nthree\n");
  EXPECT_EQ(lines.size(), folder.read("f").size());
}

TEST(LineFile, AFileThatHasFewerBytesIsRefusedAndLeftAsItIs) {
  const testing::ScratchFolder folder;
  folder.write("f", "one\n");
  EXPECT_THROW(LineFile(folder / "f", 5), Fatal);
  EXPECT_EQ(folder.read("f"), "one\n");
}

}  // namespace
}  // namespace dfpipe::files
