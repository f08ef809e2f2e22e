#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "flatbuffer.hpp"

namespace dfpipe::tflite {

/// The kinds of operators that are executed; the values are TensorFlow Lite's builtin codes.
enum class Kind : std::int32_t {
  add = 0,
  concatenation = 2,
  conv_2d = 3,
  depthwise_conv_2d = 4,
  dequantize = 6,
  logistic = 14,
  max_pool_2d = 17,
  relu = 19,
  reshape = 22,
  pad = 34,
  prelu = 54,
};

/// "CONV_2D" for 3; "operator 201" for a code that has no name here.
std::string kind_name(std::int32_t code);

enum class ElementType : std::int8_t { float32 = 0, float16 = 1, int32 = 2 };

using Shape = std::vector<std::int64_t>;
std::int64_t element_count(const Shape& shape);
std::string text(const Shape& shape);  ///< "[1,128,128,3]"

struct TensorInfo {
  Shape shape;
  ElementType type = ElementType::float32;
  std::span<const std::byte> data;  ///< of a constant; empty for what is computed
};

enum class Padding : std::int8_t { same = 0, valid = 1 };
enum class Activation : std::int8_t { none = 0, relu = 1 };

/// How a convolution or a pooling walks over the picture. Heights before widths.
struct Walk {
  Padding padding = Padding::same;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t filter_h = 1, filter_w = 1;  ///< pooling only: a convolution's filter is its weights'
};

struct Operator {
  Kind kind = Kind::add;
  std::vector<std::size_t> inputs;  ///< indices of tensors
  std::size_t output = 0;
  Walk walk;
  Activation activation = Activation::none;
  std::int64_t axis = 0;  ///< of a concatenation
};

/// A model of TensorFlow Lite (schema version 3, identifier TFL3) with one subgraph, read and checked: all indices are
/// of tensors that exist, each tensor is a constant, an input or the output of exactly one operator that comes before
/// its readers, and a constant has as many bytes as its shape asks for. Whether the shapes fit the operators is found
/// out when the graph is built.
struct Model {
  /// Throws FormatError. The bytes must outlive the model: constants are views.
  static Model read(std::span<const std::byte> file);

  std::vector<TensorInfo> tensors;
  std::vector<Operator> operators;
  std::vector<std::size_t> inputs;
  std::vector<std::size_t> outputs;
};

}  // namespace dfpipe::tflite
