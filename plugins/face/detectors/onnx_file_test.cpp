#include "onnx_file.hpp"

#include <gmock/gmock.h>

namespace dfpipe::face {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::string_literals;

/// ir_version 6, producer "me", a graph of three bytes, opset import of two.
const std::string model = "\x08\x06\x12\x02me\x3a\x03\x01\x02\x03\x42\x02\x10\x0b"s;

TEST(OnnxFile, IsWholeWhenItsFieldsEndWithIt) { EXPECT_THAT(what_is_wrong_with_onnx(model), IsEmpty()); }

TEST(OnnxFile, IsCutWhenAFieldReachesOverItsEnd) {
  for (std::size_t size = 1; size < model.size(); ++size) {
    if (size == 11) continue;  // what is left is a whole file without the last field
    EXPECT_THAT(what_is_wrong_with_onnx(model.substr(0, size)), HasSubstr("cut")) << size;
  }
}

TEST(OnnxFile, IsForeignWhenItsFieldsAreNotThoseOfAModel) {
  for (const std::string& other : {""s, "PK\x03\x04zip"s, "<?xml version"s, "\x89PNG\r\n"s, "\x08\x06\xfa\xff\x01\x02"s,
                                   "\x08\x06\x13"s, "\x08\x06\x00\x00"s, "TFL3"s})
    EXPECT_THAT(what_is_wrong_with_onnx(other), HasSubstr("no ONNX")) << ::testing::PrintToString(other);
}

TEST(OnnxFile, RefusesALengthThatNoFileCanHave) {
  EXPECT_THAT(what_is_wrong_with_onnx("\x08\x06\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s), HasSubstr("cut"));
  EXPECT_THAT(what_is_wrong_with_onnx("\x08"s + std::string(20, '\xff')), HasSubstr("cut"));
}

}  // namespace
}  // namespace dfpipe::face
