#include "safetensors.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>

#include "checkpoint.hpp"
#include "error.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Safetensors : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return scratch_.path() / "weights.safetensors"; }

  static std::string with_length(std::uint64_t length, const std::string& rest) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes + rest;
  }

  /// What opening a file of this header and these data says.
  std::string refusal(const std::string& header, const std::string& data) const {
    write_bytes(file(), with_length(header.size(), header + data));
    return message_of([&] { SafetensorsFile open(file()); });
  }

  ScratchFolder scratch_;
};

TEST_F(Safetensors, GivesBackEveryDtypeAsItWasWritten) {
  std::map<std::string, at::Tensor> all;
  for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                           at::kChar, at::kByte, at::kBool})
    all[std::string("of ") + c10::toString(dtype)] =
        at::tensor({0.0, 1.0, 2.0, 3.0, 100.0, 7.0}).to(dtype).view({2, 3});
  all["scalar"] = at::tensor(3.5);
  all["empty"] = at::empty({0, 4});
  all["transposed"] = at::arange(6, at::kFloat).view({2, 3}).t();
  write_safetensors(file(), all, {{"trained", "false"}});

  const SafetensorsFile read(file());
  EXPECT_EQ(read.metadata().at("trained"), "false");
  ASSERT_EQ(read.entries().size(), all.size());
  for (const auto& [name, tensor] : all) {
    const at::Tensor loaded = read.load(name);
    EXPECT_EQ(loaded.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(loaded, tensor)) << name;
    EXPECT_EQ(read.entry(name).begin % tensor.element_size(), 0u) << name << " is not aligned";
  }
}

TEST_F(Safetensors, LeavesNoHalfFileWhenWritingFails) {
  EXPECT_THROW(write_safetensors(scratch_.path() / "no/such/folder.safetensors", {}), ModelError);
  EXPECT_THROW(write_safetensors(file(), {{"complex", at::zeros({2}, at::kComplexFloat)}}), ModelError);
  EXPECT_TRUE(std::filesystem::is_empty(scratch_.path()));
}

TEST_F(Safetensors, RefusesAFileCutAnywhere) {
  write_safetensors(file(), {{"a", at::ones({5})}, {"b", at::ones({2, 2}, at::kLong)}}, {{"k", "v"}});
  const std::string whole = read_bytes(file());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    write_bytes(file(), whole.substr(0, n));
    EXPECT_THAT(message_of([&] { SafetensorsFile open(file()); }), HasSubstr("weights.safetensors")) << n << " bytes";
  }
}

TEST_F(Safetensors, RefusesHeaderLengthsBeyondTheFileAndBeyondReason) {
  for (const std::uint64_t length : {std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max(),
                                     std::uint64_t{2} << 30, std::uint64_t{100'000'001}}) {
    write_bytes(file(), with_length(length, "{}"));
    EXPECT_THAT(message_of([&] { SafetensorsFile open(file()); }), HasSubstr("header")) << length;
  }
  write_bytes(file(), with_length(3, "{}"));
  EXPECT_THAT(message_of([&] { SafetensorsFile open(file()); }), HasSubstr("is cut in the header"));
}

TEST_F(Safetensors, RefusesAHeaderThatIsNoSuchObject) {
  for (const char* const header : {"", "[]", "{", "7", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":[]}",
                                   "{\"__metadata__\":{\"a\":1}}", "\xff\xfe"})
    EXPECT_THAT(refusal(header, ""), HasSubstr("weights.safetensors: ")) << header;
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  EXPECT_THAT(refusal(deep, ""), HasSubstr("nested deeper"));
}

TEST_F(Safetensors, RefusesOffsetsThatOverlapLeaveGapsOrReachTooFar) {
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}";
  };
  EXPECT_EQ(refusal(two("[0,4]", "[4,8]"), "12345678"), "");
  EXPECT_THAT(refusal(two("[0,4]", "[2,6]"), "123456"), AllOf(HasSubstr("'b'"), HasSubstr("overlap")));
  EXPECT_THAT(refusal(two("[0,4]", "[0,4]"), "1234"), HasSubstr("overlap"));
  EXPECT_THAT(refusal(two("[0,4]", "[5,9]"), "123456789"), HasSubstr("1 bytes before tensor 'b'"));
  EXPECT_THAT(refusal(two("[0,4]", "[4,8]"), "123456789"), HasSubstr("1 bytes after the last tensor"));
  EXPECT_THAT(refusal(two("[0,4]", "[4,8]"), "1234567"), AllOf(HasSubstr("'b'"), HasSubstr("cut")));
  EXPECT_THAT(refusal(two("[4,0]", "[4,8]"), "12345678"), HasSubstr("ascending"));
  EXPECT_THAT(refusal(two("[-4,0]", "[4,8]"), "12345678"), HasSubstr("non-negative"));
  EXPECT_THAT(refusal(two("[0,4.0]", "[4,8]"), "12345678"), HasSubstr("whole numbers"));
  EXPECT_THAT(refusal(two("[0,18446744073709551615]", "[4,8]"), "12345678"), HasSubstr("'a'"));
}

TEST_F(Safetensors, RefusesShapesThatDoNotFitTheirBytes) {
  const auto one = [](const std::string& dtype, const std::string& shape) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":[0,8]}})";
  };
  const std::string data = "12345678";
  EXPECT_EQ(refusal(one("F32", "[2]"), data), "");
  EXPECT_THAT(refusal(one("F32", "[3]"), data), AllOf(HasSubstr("'a'"), HasSubstr("does not fit")));
  EXPECT_THAT(refusal(one("F64", "[2]"), data), HasSubstr("does not fit"));
  EXPECT_THAT(refusal(one("F32", "[4294967296,4294967296,4294967296]"), data), HasSubstr("does not fit"));
  EXPECT_THAT(refusal(one("F32", "[-2]"), data), HasSubstr("non-negative"));
  EXPECT_THAT(refusal(one("F32", "[1e1]"), data), HasSubstr("whole numbers"));
  EXPECT_THAT(refusal(one("F8_E4M3", "[8]"), data), HasSubstr("dtype 'F8_E4M3' is not supported"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":5,"shape":[2],"data_offsets":[0,8]}})", data), HasSubstr("dtype"));
}

TEST_F(Safetensors, RefusesANameThatStandsThereTwice) {
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                      R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                      "12"),
              HasSubstr("'a' stands there twice"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "1"),
              HasSubstr("twice"));
}

TEST_F(Safetensors, NamesTheTensorThatIsNotThere) {
  write_safetensors(file(), {{"a", at::ones({2})}});
  EXPECT_THAT(message_of([&] { SafetensorsFile(file()).load("b"); }), HasSubstr("has no tensor 'b'"));
  EXPECT_THAT(message_of([&] { SafetensorsFile open(scratch_.path() / "none"); }), HasSubstr("No such file"));
  EXPECT_THAT(message_of([&] { SafetensorsFile open(scratch_.path()); }), HasSubstr("no regular file"));
}

TEST_F(Safetensors, AShardedCheckpointIsCheckedAgainstItsIndex) {
  const auto& folder = scratch_.path();
  write_safetensors(folder / "one.safetensors", {{"a", at::ones({2})}});
  write_safetensors(folder / "two.safetensors", {{"b", at::ones({2})}});
  const auto index = [&](const std::string& map) {
    write_bytes(folder / "model.safetensors.index.json", "{\"weight_map\":" + map + "}");
    return message_of([&] { Checkpoint open(folder); });
  };
  EXPECT_EQ(index(R"({"a":"one.safetensors","b":"two.safetensors"})"), "");
  EXPECT_THAT(index(R"({"a":"one.safetensors","b":"one.safetensors"})"), HasSubstr("has no tensor 'b'"));
  EXPECT_THAT(index(R"({"a":"one.safetensors","b":"three.safetensors"})"), HasSubstr("three.safetensors"));
  EXPECT_THAT(index(R"({"a":"../one.safetensors"})"), HasSubstr("no name of a file in this folder"));
  EXPECT_THAT(index("{}"), HasSubstr("no weight_map"));
  write_safetensors(folder / "two.safetensors", {{"b", at::ones({2})}, {"c", at::ones({2})}});
  EXPECT_THAT(index(R"({"a":"one.safetensors","b":"two.safetensors"})"), HasSubstr("'c' is not promised"));
}

}  // namespace
}  // namespace dfpipe::detector
