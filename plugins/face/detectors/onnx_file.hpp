#pragma once

#include <string>
#include <string_view>

namespace dfpipe::face {

/// What is wrong with the outermost structure of an ONNX file, or nothing: it must be a protobuf message whose fields
/// end exactly where the bytes do, with a graph (field 7 of ModelProto, onnx.proto). So a file of another type and one
/// that was cut are told apart before a parser that says neither sees them.
std::string what_is_wrong_with_onnx(std::string_view bytes);

}  // namespace dfpipe::face
