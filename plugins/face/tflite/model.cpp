#include "model.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "json_file.hpp"

namespace dfpipe::tflite {
namespace {

// Numbers of the schema's fields.
namespace model_field {
constexpr int version = 0, operator_codes = 1, subgraphs = 2, buffers = 4;
}
namespace code_field {
constexpr int old_builtin = 0, custom = 1, builtin = 3;
}
namespace graph_field {
constexpr int tensors = 0, inputs = 1, outputs = 2, operators = 3;
}
namespace tensor_field {
constexpr int shape = 0, type = 1, buffer = 2, sparsity = 6;
}
namespace operator_field {
constexpr int code = 0, inputs = 1, outputs = 2, options = 4;
}
namespace buffer_field {
constexpr int data = 0, offset = 1;
}

// No model that is meant here comes near these; they bound what a hostile file can ask for.
constexpr std::size_t most_tensors = 4096, most_operators = 4096, most_inputs = 64, most_dimensions = 8;
constexpr std::int64_t most_elements = std::int64_t{1} << 26;

struct Arity {
  Kind kind;
  std::size_t least, most;  // inputs
};
constexpr std::array<Arity, 11> executed{{{Kind::add, 2, 2},
                                          {Kind::concatenation, 1, most_inputs},
                                          {Kind::conv_2d, 3, 3},
                                          {Kind::depthwise_conv_2d, 3, 3},
                                          {Kind::dequantize, 1, 1},
                                          {Kind::logistic, 1, 1},
                                          {Kind::max_pool_2d, 1, 1},
                                          {Kind::relu, 1, 1},
                                          {Kind::reshape, 1, 2},
                                          {Kind::pad, 2, 2},
                                          {Kind::prelu, 2, 2}}};

std::int64_t width_of(ElementType type) { return type == ElementType::float16 ? 2 : 4; }

ElementType type_of(std::int8_t code, const std::string& tensor) {
  if (code < 0 || code > 2)
    throw FormatError(tensor + " has element type " + std::to_string(code) +
                      ", which is not supported (float32, float16, int32)");
  return static_cast<ElementType>(code);
}

Shape shape_of(const Table& table, const std::string& tensor) {
  Shape shape;
  std::int64_t count = 1;
  for (const std::int32_t side : table.integers(tensor_field::shape, most_dimensions)) {
    if (side < 1 || count > most_elements / side) throw FormatError(tensor + " has an impossible shape");
    count *= side;
    shape.push_back(side);
  }
  return shape;
}

std::vector<TensorInfo> read_tensors(const Table& graph, const std::vector<Table>& buffers) {
  std::vector<TensorInfo> all;
  std::int64_t elements = 0;
  for (const Table& table : graph.tables(graph_field::tensors, most_tensors)) {
    const std::string name = "tensor " + std::to_string(all.size());
    const auto buffer = table.number<std::uint32_t>(tensor_field::buffer, 0);
    if (buffer >= buffers.size())
      throw FormatError(name + " has buffer " + std::to_string(buffer) + ", which is not there");
    if (table.table(tensor_field::sparsity)) throw FormatError(name + " is sparse, which is not supported");
    TensorInfo tensor{.shape = shape_of(table, name),
                      .type = type_of(table.number<std::int8_t>(tensor_field::type, 0), name),
                      .data = buffers[buffer].bytes(buffer_field::data)};
    if (buffers[buffer].number<std::uint64_t>(buffer_field::offset, 0) != 0)
      throw FormatError(name + " has its data outside the flatbuffer, which is not supported");
    const std::int64_t bytes = element_count(tensor.shape) * width_of(tensor.type);
    if (!tensor.data.empty() && tensor.data.size() != static_cast<std::size_t>(bytes))
      throw FormatError(name + " " + text(tensor.shape) + " needs " + std::to_string(bytes) + " bytes and has " +
                        std::to_string(tensor.data.size()));
    elements += element_count(tensor.shape);
    if (elements > most_elements) throw FormatError("its tensors are too large altogether");
    all.push_back(std::move(tensor));
  }
  return all;
}

std::vector<std::int32_t> read_codes(const Table& model) {
  std::vector<std::int32_t> codes;
  for (const Table& table : model.tables(model_field::operator_codes, most_operators)) {
    // Codes above 127 did not fit the first field; files written before the second have only the first.
    const std::int32_t old = table.number<std::int8_t>(code_field::old_builtin, 0);
    const auto code = std::max(old, table.number<std::int32_t>(code_field::builtin, 0));
    if (std::ranges::find(executed, static_cast<Kind>(code), &Arity::kind) == executed.end()) {
      const auto custom = table.bytes(code_field::custom);
      const std::string name(reinterpret_cast<const char*>(custom.data()), custom.size());
      throw FormatError("uses the operator kind " + kind_name(code) +
                        (name.empty() ? "" : " " + detector::in_quotes(name)) + ", which is not supported");
    }
    codes.push_back(code);
  }
  return codes;
}

void read_options(const Table& options, Operator& to) {
  const auto small = [&](int field) { return options.number<std::int8_t>(field, 0); };
  const auto number = [&](int field, std::int32_t otherwise) { return options.number<std::int32_t>(field, otherwise); };
  const auto walk = [&] {
    const std::int8_t padding = small(0);
    if (padding != 0 && padding != 1) throw FormatError("has the unknown padding " + std::to_string(padding));
    to.walk.padding = static_cast<Padding>(padding);
    to.walk.stride_w = number(1, 0);
    to.walk.stride_h = number(2, 0);
  };
  std::optional<std::int8_t> activation;
  switch (to.kind) {
    case Kind::conv_2d:
      walk();
      activation = small(3);
      if (number(4, 1) != 1 || number(5, 1) != 1) throw FormatError("is dilated, which is not supported");
      break;
    case Kind::depthwise_conv_2d:
      walk();
      if (number(3, 0) != 1)
        throw FormatError("has depth multiplier " + std::to_string(number(3, 0)) + "; only 1 is supported");
      activation = small(4);
      if (number(5, 1) != 1 || number(6, 1) != 1) throw FormatError("is dilated, which is not supported");
      break;
    case Kind::max_pool_2d:
      walk();
      to.walk.filter_w = number(3, 0);
      to.walk.filter_h = number(4, 0);
      activation = small(5);
      break;
    case Kind::add:
      activation = small(0);
      break;
    case Kind::concatenation:
      to.axis = number(0, 0);
      activation = small(1);
      break;
    default:
      break;
  }
  if (activation && *activation != 0 && *activation != 1)
    throw FormatError("has the activation " + std::to_string(*activation) + ", which is not supported (none, RELU)");
  if (activation) to.activation = static_cast<Activation>(*activation);
  for (const std::int64_t step : {to.walk.stride_h, to.walk.stride_w, to.walk.filter_h, to.walk.filter_w})
    if (step < 1 || step > 1024) throw FormatError("has a stride or filter side of " + std::to_string(step));
}

bool has_walk(Kind kind) {
  return kind == Kind::conv_2d || kind == Kind::depthwise_conv_2d || kind == Kind::max_pool_2d;
}

std::vector<std::size_t> indices(const Table& table, int field, std::size_t count) {
  std::vector<std::size_t> all;
  for (const std::int32_t index : table.integers(field, most_inputs)) {
    if (index < 0 || static_cast<std::size_t>(index) >= count)
      throw FormatError("names tensor " + std::to_string(index) + ", which is not there");
    all.push_back(static_cast<std::size_t>(index));
  }
  return all;
}

Operator read_operator(const Table& table, const std::vector<std::int32_t>& codes, std::size_t tensors) {
  const auto code = table.number<std::uint32_t>(operator_field::code, 0);
  if (code >= codes.size()) throw FormatError("has kind number " + std::to_string(code) + ", which is not there");
  Operator one{.kind = static_cast<Kind>(codes[code]), .inputs = indices(table, operator_field::inputs, tensors)};
  const Arity& arity = *std::ranges::find(executed, one.kind, &Arity::kind);
  if (one.inputs.size() < arity.least || one.inputs.size() > arity.most)
    throw FormatError("(" + kind_name(codes[code]) + ") has " + std::to_string(one.inputs.size()) + " inputs");
  const std::vector<std::size_t> outputs = indices(table, operator_field::outputs, tensors);
  if (outputs.size() != 1) throw FormatError("has " + std::to_string(outputs.size()) + " outputs, not one");
  one.output = outputs.front();
  if (const auto options = table.table(operator_field::options))
    read_options(*options, one);
  else if (has_walk(one.kind))
    throw FormatError("has no options");
  return one;
}

/// Each tensor is made once, before it is read.
void check_order(const Model& model) {
  std::vector<bool> made(model.tensors.size());
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = !model.tensors[i].data.empty();
  const auto make = [&](std::size_t tensor) {
    if (made[tensor]) throw FormatError("tensor " + std::to_string(tensor) + " is made twice");
    made[tensor] = true;
  };
  const auto need = [&](std::size_t tensor) {
    if (!made[tensor]) throw FormatError("tensor " + std::to_string(tensor) + " is read before it is made");
  };
  for (const std::size_t tensor : model.inputs) make(tensor);
  for (const Operator& one : model.operators) {
    for (const std::size_t tensor : one.inputs) need(tensor);
    make(one.output);
  }
  for (const std::size_t tensor : model.outputs) need(tensor);
}

}  // namespace

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return count;
}

std::string text(const Shape& shape) {
  std::string out;
  for (const std::int64_t side : shape) out += (out.empty() ? "" : ",") + std::to_string(side);
  return "[" + out + "]";
}

Model Model::read(std::span<const std::byte> file) {
  constexpr std::string_view identifier = "TFL3";
  if (file.size() < 8 || std::memcmp(file.data() + 4, identifier.data(), identifier.size()) != 0)
    throw FormatError("is no TensorFlow Lite model: it does not say TFL3");
  const Table root = Table::root(file);
  if (const auto version = root.number<std::uint32_t>(model_field::version, 0); version != 3)
    throw FormatError("has schema version " + std::to_string(version) + ", not 3");
  const std::vector<Table> graphs = root.tables(model_field::subgraphs, most_inputs);
  if (graphs.size() != 1) throw FormatError("has " + std::to_string(graphs.size()) + " subgraphs, not one");
  const std::vector<std::int32_t> codes = read_codes(root);

  Model model;
  model.tensors = read_tensors(graphs.front(), root.tables(model_field::buffers, 2 * most_tensors));
  model.inputs = indices(graphs.front(), graph_field::inputs, model.tensors.size());
  model.outputs = indices(graphs.front(), graph_field::outputs, model.tensors.size());
  for (const Table& table : graphs.front().tables(graph_field::operators, most_operators)) try {
      model.operators.push_back(read_operator(table, codes, model.tensors.size()));
    } catch (const FormatError& error) {
      throw FormatError("operator " + std::to_string(model.operators.size()) + " " + error.what());
    }
  check_order(model);
  return model;
}

}  // namespace dfpipe::tflite
