#include "test_model.hpp"

#include <cstring>
#include <set>

namespace dfpipe::tflite::testing {
namespace {

class Writer {
 public:
  std::vector<std::byte> write(const FlatTable& root, std::string_view identifier) {
    put<std::uint32_t>(0);
    for (const char c : identifier) put(c);
    point(0, table(root));
    return std::move(out_);
  }

 private:
  template <typename T>
  std::size_t put(const T& value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    std::memcpy(out_.data() + at, &value, sizeof(T));
    return at;
  }
  void align() { out_.resize((out_.size() + 3) / 4 * 4); }
  /// The reference at `from` leads to `to`.
  void point(std::size_t from, std::size_t to) {
    const auto distance = static_cast<std::uint32_t>(to - from);
    std::memcpy(out_.data() + from, &distance, sizeof distance);
  }

  std::size_t table(const FlatTable& what) {
    const int count = what.fields.empty() ? 0 : what.fields.rbegin()->first + 1;
    align();
    const std::size_t directory = put(static_cast<std::uint16_t>(4 + 2 * count));
    put(static_cast<std::uint16_t>(4 + 4 * what.fields.size()));
    std::uint16_t offset = 4;
    for (int field = 0; field < count; ++field) {
      put(what.fields.contains(field) ? offset : std::uint16_t{0});
      offset = static_cast<std::uint16_t>(offset + (what.fields.contains(field) ? 4 : 0));
    }
    align();
    const std::size_t at = put<std::int32_t>(0);
    const auto back = static_cast<std::int32_t>(at - directory);
    std::memcpy(out_.data() + at, &back, sizeof back);
    std::vector<std::size_t> slots;
    for (const auto& [field, value] : what.fields) {
      slots.push_back(put<std::int32_t>(0));
      if (const auto* const small = std::get_if<std::int8_t>(&value)) std::memcpy(out_.data() + slots.back(), small, 1);
      if (const auto* const number = std::get_if<std::int32_t>(&value))
        std::memcpy(out_.data() + slots.back(), number, 4);
    }
    auto slot = slots.begin();
    for (const auto& [field, value] : what.fields) refer(*slot++, value);
    return at;
  }

  template <typename Value>
  void refer(std::size_t slot, const Value& value) {
    if (const auto* const one = std::get_if<std::shared_ptr<FlatTable>>(&value)) point(slot, table(**one));
    if (const auto* const integers = std::get_if<std::vector<std::int32_t>>(&value)) point(slot, list(*integers));
    if (const auto* const bytes = std::get_if<std::vector<std::byte>>(&value)) point(slot, list(*bytes));
    if (const auto* const tables = std::get_if<FlatTables>(&value)) {
      align();
      const std::size_t at = put(static_cast<std::uint32_t>(tables->size()));
      out_.resize(out_.size() + 4 * tables->size());
      point(slot, at);
      for (std::size_t i = 0; i < tables->size(); ++i) point(at + 4 + 4 * i, table(*(*tables)[i]));
    }
  }

  template <typename T>
  std::size_t list(const std::vector<T>& values) {
    align();
    const std::size_t at = put(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) put(value);
    return at;
  }

  std::vector<std::byte> out_;
};

template <typename T>
std::vector<std::byte> raw(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// The options that are bytes: padding and activation.
std::set<int> bytes_of(Kind kind) {
  switch (kind) {
    case Kind::conv_2d:
      return {0, 3};
    case Kind::depthwise_conv_2d:
      return {0, 4};
    case Kind::max_pool_2d:
      return {0, 5};
    case Kind::concatenation:
      return {1};
    default:
      return {0};
  }
}

}  // namespace

std::vector<std::byte> write(const FlatTable& root, std::string_view identifier) {
  return Writer().write(root, identifier);
}

ModelFile::ModelFile() {
  model->fields[0] = 3;                              // version
  buffers.push_back(std::make_shared<FlatTable>());  // the first buffer is empty by convention
}

int ModelFile::add_tensor(const Shape& shape, ElementType type, std::vector<std::byte> data) {
  auto tensor = std::make_shared<FlatTable>();
  tensor->fields[0] = std::vector<std::int32_t>(shape.begin(), shape.end());
  tensor->fields[1] = static_cast<std::int8_t>(type);
  if (!data.empty()) {
    tensor->fields[2] = static_cast<std::int32_t>(buffers.size());
    buffers.push_back(std::make_shared<FlatTable>());
    buffers.back()->fields[0] = std::move(data);
  }
  tensors.push_back(std::move(tensor));
  return static_cast<int>(tensors.size()) - 1;
}

int ModelFile::computed(const Shape& shape, ElementType type) { return add_tensor(shape, type, {}); }
int ModelFile::constant(const Shape& shape, const std::vector<float>& values) {
  return add_tensor(shape, ElementType::float32, raw(values));
}
int ModelFile::halves(const Shape& shape, const std::vector<std::uint16_t>& bits) {
  return add_tensor(shape, ElementType::float16, raw(bits));
}
int ModelFile::integers(const Shape& shape, const std::vector<std::int32_t>& values) {
  return add_tensor(shape, ElementType::int32, raw(values));
}

int ModelFile::add(Kind kind, const std::vector<std::int32_t>& inputs, int output, const Options& options) {
  auto code = std::make_shared<FlatTable>();
  code->fields[0] = static_cast<std::int8_t>(kind);
  auto op = std::make_shared<FlatTable>();
  op->fields[0] = static_cast<std::int32_t>(codes.size());
  op->fields[1] = inputs;
  op->fields[2] = std::vector<std::int32_t>{output};
  if (!options.empty()) {
    auto table = std::make_shared<FlatTable>();
    const std::set<int> small = bytes_of(kind);
    for (const auto& [field, value] : options) {
      if (small.contains(field))
        table->fields[field] = static_cast<std::int8_t>(value);
      else
        table->fields[field] = value;
    }
    op->fields[4] = std::move(table);
  }
  codes.push_back(std::move(code));
  operators.push_back(std::move(op));
  return output;
}

void ModelFile::inputs(const std::vector<std::int32_t>& which) { graph->fields[1] = which; }
void ModelFile::outputs(const std::vector<std::int32_t>& which) { graph->fields[2] = which; }

std::vector<std::byte> ModelFile::bytes() const {
  FlatTable root = *model, subgraph = *graph;
  subgraph.fields.emplace(0, tensors);
  subgraph.fields.emplace(3, operators);
  root.fields.emplace(1, codes);
  root.fields.emplace(2, FlatTables{std::make_shared<FlatTable>(subgraph)});
  root.fields.emplace(4, buffers);
  return write(root);
}

ModelFile::Options walk(Padding padding, std::int64_t stride_h, std::int64_t stride_w) {
  return {{0, static_cast<int>(padding)},
          {1, static_cast<std::int32_t>(stride_w)},
          {2, static_cast<std::int32_t>(stride_h)}};
}
ModelFile::Options depthwise_walk(Padding padding, std::int64_t stride_h, std::int64_t stride_w) {
  ModelFile::Options options = walk(padding, stride_h, stride_w);
  options[3] = 1;
  return options;
}
ModelFile::Options pool_walk(Padding padding, std::int64_t stride_h, std::int64_t stride_w, std::int64_t filter_h,
                             std::int64_t filter_w) {
  ModelFile::Options options = walk(padding, stride_h, stride_w);
  options[3] = static_cast<std::int32_t>(filter_w);
  options[4] = static_cast<std::int32_t>(filter_h);
  return options;
}

}  // namespace dfpipe::tflite::testing
