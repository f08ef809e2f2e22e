#include "event_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "crc32c.hpp"
#include "dfpipe/error.hpp"
#include "testing/process.hpp"

namespace dfpipe::training {
namespace {

using ::testing::HasSubstr;
using testing::ScratchFolder;

TEST(Crc32c, GivesTheValuesOfRfc3720) {
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) {
    rising += static_cast<char>(i);
    falling += static_cast<char>(31 - i);
  }
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(crc32c(falling), 0x113FDB5Cu);
  const unsigned char command[48] = {0x01, 0xc0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0,    0, 0, 0, 0,
                                     0x14, 0,    0, 0, 0, 0, 0x04, 0, 0,    0, 0, 0x14, 0, 0, 0, 0x18,
                                     0x28, 0,    0, 0, 0, 0, 0,    0, 0x02, 0, 0, 0,    0, 0, 0, 0};
  EXPECT_EQ(crc32c({reinterpret_cast<const char*>(command), sizeof command}), 0xD9963A56u);
}

template <class T>
T little_endian_at(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The mask taken off, as a reader does it: core/lib/hash/crc32c.h, Unmask.
std::uint32_t unmasked(std::uint32_t crc) {
  const std::uint32_t turned = crc - 0xa282ead8u;
  return (turned >> 17) | (turned << 15);
}

/// The records' contents; a record that is damaged fails the test.
std::vector<std::string> records_of(const std::string& bytes) {
  std::vector<std::string> records;
  std::size_t at = 0;
  while (at + 16 <= bytes.size()) {
    const auto length = little_endian_at<std::uint64_t>(bytes, at);
    EXPECT_EQ(unmasked(little_endian_at<std::uint32_t>(bytes, at + 8)), crc32c(bytes.substr(at, 8)));
    if (length > bytes.size() - at - 16) break;
    records.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(unmasked(little_endian_at<std::uint32_t>(bytes, at + 12 + length)), crc32c(records.back()));
    at += 16 + length;
  }
  EXPECT_EQ(at, bytes.size());
  return records;
}

void write_some(EventFile& events) {
  events.scalar("train/loss", 0.5, 1, 1700000000.25);
  events.scalar("val/auc", 0.75, 300, 1700000001.5);
}

TEST(EventFile, TheRecordsAreWhatProtobufsOwnCompilerReads) {
  const ScratchFolder folder;
  EventFile events(folder / "events.out.tfevents.1", 0, 1700000000);
  write_some(events);
  const auto records = records_of(folder.read("events.out.tfevents.1"));
  ASSERT_EQ(records.size(), 3u);
  std::string decoded;
  for (const std::string& record : records) {
    const auto file = folder.write("record", record);
    const testing::Finished protoc =
        testing::run_process({"/bin/sh", "-c", "exec protoc --decode_raw < \"$0\"", file.string()});
    if (protoc.exit_code == 127) GTEST_SKIP() << "protoc is not installed (Debian: protobuf-compiler)";
    ASSERT_EQ(protoc.exit_code, 0) << protoc.err;
    decoded += protoc.out;
  }
  // 0x41d954fc40000000 is 1700000000 as a double, 0x3f000000 is 0.5 as a float.
  EXPECT_EQ(decoded,
            "1: 0x41d954fc40000000\n3: \"brain.Event:2\"\n"
            "1: 0x41d954fc40100000\n2: 1\n5 {\n  1 {\n    1: \"train/loss\"\n    2: 0x3f000000\n  }\n}\n"
            "1: 0x41d954fc40600000\n2: 300\n5 {\n  1 {\n    1: \"val/auc\"\n    2: 0x3f400000\n  }\n}\n");
}

TEST(EventFile, TheFirstBytesAreThoseThatTensorBoardsWriterMakes) {
  const ScratchFolder folder;
  { const EventFile events(folder / "e", 0, 0); }
  const std::string bytes = folder.read("e");
  ASSERT_EQ(bytes.size(), 8u + 4 + 24 + 4);
  EXPECT_EQ(bytes.substr(0, 12), std::string("\x18\0\0\0\0\0\0\0\xa3\x7f\x4b\x22", 12));
}

TEST(EventFile, GoingOnFromAnOffsetGivesTheFileOfAnUnbrokenRun) {
  const ScratchFolder folder;
  EventFile unbroken(folder / "unbroken", 0, 5);
  write_some(unbroken);
  unbroken.scalar("train/loss", 0.25, 301, 1700000002);
  {
    std::uint64_t checkpoint = 0;
    {
      EventFile killed(folder / "resumed", 0, 5);
      write_some(killed);
      checkpoint = killed.offset();
      killed.scalar("train/loss", 7, 301, 1);
      killed.scalar("train/loss", 8, 302, 2);
    }
    EventFile resumed(folder / "resumed", checkpoint);
    EXPECT_EQ(resumed.offset(), checkpoint);
    resumed.scalar("train/loss", 0.25, 301, 1700000002);
    resumed.sync();
  }
  EXPECT_EQ(folder.read("resumed"), folder.read("unbroken"));
  EXPECT_EQ(unbroken.offset(), folder.read("unbroken").size());
}

TEST(EventFile, BeginningAnewLeavesNothingOfAnEarlierFile) {
  const ScratchFolder folder;
  folder.write("e", std::string(500, 'x'));
  EventFile events(folder / "e", 0);
  EXPECT_EQ(records_of(folder.read("e")).size(), 1u);
}

/// What opening says after the path.
std::string refusal(const std::filesystem::path& file, std::uint64_t offset) {
  try {
    EventFile events(file, offset);
  } catch (const Fatal& e) {
    const std::string what = e.what();
    return what.starts_with(file.string()) ? what.substr(file.string().size()) : what;
  }
  return "nothing";
}

TEST(EventFile, AFileThatIsShorterThanTheCheckpointSaysIsRefused) {
  const ScratchFolder folder;
  EXPECT_EQ(refusal(folder.write("e", "abc"), 4), ": has 3 bytes, 4 were written: it has been cut or replaced");
  EXPECT_EQ(folder.read("e"), "abc");
  EXPECT_EQ(refusal(folder / "none" / "e", 0), ": cannot be written: No such file or directory");
}

TEST(EventFile, AFullDiskIsFatalNamesTheFileAndLeavesWholeRecords) {
  const ScratchFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails with EFBIG, as a full disk does with ENOSPC
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      EventFile events(folder / "e", 0);
      for (int i = 0; i < 100; ++i) events.scalar("train/loss", 1, i);
    } catch (const Fatal& e) {
      ::_exit(std::string(e.what()) == (folder / "e").string() + ": cannot be written: File too large" ? 7 : 8);
    }
    ::_exit(9);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_GT(records_of(folder.read("e")).size(), 10u);
}

}  // namespace
}  // namespace dfpipe::training
