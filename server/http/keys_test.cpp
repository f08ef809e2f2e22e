#include "http/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "http/http_server.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::server {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using testing::ScratchFolder;

const std::string key = "0123456789abcdef", other = "fedcba9876543210";

/// What read_keys says of the text, behind the file's name.
std::string refusal(const std::string& text) {
  const ScratchFolder folder;
  const auto file = folder.write("keys", text);
  try {
    read_keys(file);
  } catch (const std::runtime_error& e) {
    const std::string what = e.what();
    EXPECT_THAT(what, ::testing::StartsWith(file.string()));
    return what.substr(std::min(what.size(), file.string().size()));
  }
  return "accepted";
}

std::string logged(const std::filesystem::path& file) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  read_keys(file);
  return ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
}

TEST(Keys, TheDigestIsSha256) {
  // FIPS 180-4, the example "abc".
  constexpr std::string_view digest =
      "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61"
      "\xf2\x00\x15\xad"sv;
  EXPECT_EQ(key_digest("abc"), digest);
}

TEST(Keys, AreReadWithTheirNames) {
  const ScratchFolder folder;
  const auto file = folder.write("keys", "# who\n\nanna " + key + "\r\n  b\xC3\xB6rje\t" + other + "  ");
  EXPECT_THAT(read_keys(file),
              ::testing::UnorderedElementsAre(Pair(key_digest(key), "anna"), Pair(key_digest(other), "b\xC3\xB6rje")));
}

TEST(Keys, ErrorsNameTheLine) {
  EXPECT_THAT(refusal("anna " + key + "\n\nbert 0123456789abcde\n"), HasSubstr(":3: a key has at least 16 characters"));
  EXPECT_THAT(refusal("anna " + key + "\nanna " + other), HasSubstr(":2: a second key of that name"));
  EXPECT_THAT(refusal("anna " + key + "\nbert " + key), HasSubstr(":2: the same key"));
  EXPECT_THAT(refusal(key + "\n"), HasSubstr(":1: a line is NAME KEY"));
  EXPECT_THAT(refusal("anna " + key + " more"), HasSubstr(":1: a line is NAME KEY"));
  EXPECT_THAT(refusal("anna " + key + "\x01"), HasSubstr(":1: a control character"));
  EXPECT_THAT(refusal("anna " + key + std::string(1, '\0')), HasSubstr(":1: a control character"));
  EXPECT_THAT(refusal("anna " + key + "\xC3\xB6"), HasSubstr(":1: a key is made of plain ASCII"));
  EXPECT_THAT(refusal("anna " + key + "\xFF"), HasSubstr(": is not UTF-8"));
}

TEST(Keys, AFileWithoutAKeyIsRefused) {
  // Otherwise an empty file would open the server to everyone.
  EXPECT_THAT(refusal(""), HasSubstr(": holds no key"));
  EXPECT_THAT(refusal("# anna " + key + "\n \n"), HasSubstr(": holds no key"));
}

TEST(Keys, AFileThatCannotBeReadIsRefused) {
  const ScratchFolder folder;
  EXPECT_THROW(read_keys(folder / "none"), std::runtime_error);
  EXPECT_THROW(read_keys(folder.path()), std::runtime_error);
  EXPECT_THAT(refusal(std::string((1 << 20) + 1, '#')), HasSubstr("max_bytes"));
}

TEST(Keys, NoErrorRepeatsAKey) {
  for (const std::string& text : {"anna " + key + " " + other, key + other, "anna " + key + "\x01",
                                  "anna " + key + "\xFF", "anna " + key + "\nanna " + key, "anna " + key.substr(0, 15)})
    EXPECT_THAT(refusal(text), Not(HasSubstr(key.substr(0, 8)))) << text;
}

TEST(Keys, WarnsWhenEveryoneCanReadThem) {
  const ScratchFolder folder;
  const auto file = folder.write("keys", "anna " + key);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_THAT(logged(file), IsEmpty());
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_THAT(logged(file), HasSubstr("every user of this machine can read the API keys"));
  EXPECT_THAT(logged(file), Not(HasSubstr(key)));
}

}  // namespace
}  // namespace dfpipe::server
