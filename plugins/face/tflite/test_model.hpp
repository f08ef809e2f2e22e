#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "model.hpp"

/// Writes TensorFlow Lite models for tests, right ones and wrong ones.
namespace dfpipe::tflite::testing {

struct FlatTable;
using FlatTables = std::vector<std::shared_ptr<FlatTable>>;

/// A flatbuffer table to be written: its fields by number.
struct FlatTable {
  std::map<int, std::variant<std::int8_t, std::int32_t, std::shared_ptr<FlatTable>, FlatTables,
                             std::vector<std::int32_t>, std::vector<std::byte>>>
      fields;
};

std::vector<std::byte> write(const FlatTable& root, std::string_view identifier = "TFL3");

/// A model in the making. Tensors and operators are numbered as they are added; the public tables may be spoilt before
/// `bytes` is called.
class ModelFile {
 public:
  ModelFile();

  int computed(const Shape& shape, ElementType type = ElementType::float32);
  int constant(const Shape& shape, const std::vector<float>& values);
  int halves(const Shape& shape, const std::vector<std::uint16_t>& bits);
  int integers(const Shape& shape, const std::vector<std::int32_t>& values);

  using Options = std::map<int, std::int32_t>;  ///< by field; padding and activation are bytes and are written as such
  /// Adds an operator and gives its output.
  int add(Kind kind, const std::vector<std::int32_t>& inputs, int output, const Options& options = {});
  void inputs(const std::vector<std::int32_t>& tensors);
  void outputs(const std::vector<std::int32_t>& tensors);

  std::vector<std::byte> bytes() const;

  std::shared_ptr<FlatTable> model = std::make_shared<FlatTable>();
  std::shared_ptr<FlatTable> graph = std::make_shared<FlatTable>();
  FlatTables tensors, operators, codes, buffers;

 private:
  int add_tensor(const Shape& shape, ElementType type, std::vector<std::byte> data);
};

/// Options of a convolution or a pooling.
ModelFile::Options walk(Padding padding, std::int64_t stride_h, std::int64_t stride_w);
ModelFile::Options depthwise_walk(Padding padding, std::int64_t stride_h, std::int64_t stride_w);
ModelFile::Options pool_walk(Padding padding, std::int64_t stride_h, std::int64_t stride_w, std::int64_t filter_h,
                             std::int64_t filter_w);

}  // namespace dfpipe::tflite::testing
