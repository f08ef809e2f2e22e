#include "graph.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace dfpipe::tflite {
namespace {

constexpr std::int64_t most_multiply_adds = std::int64_t{1} << 34;

at::ScalarType scalar_type(ElementType type) {
  return type == ElementType::float32 ? at::kFloat : type == ElementType::float16 ? at::kHalf : at::kInt;
}

at::Tensor constant(const TensorInfo& info) {
  at::Tensor tensor = at::empty(info.shape, scalar_type(info.type));
  std::memcpy(tensor.data_ptr(), info.data.data(), info.data.size());
  return info.type == ElementType::float16 ? tensor.to(at::kFloat) : tensor;
}

std::vector<at::Tensor> constants_of(const Model& model) {
  std::vector<at::Tensor> all(model.tensors.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!model.tensors[i].data.empty()) all[i] = constant(model.tensors[i]);
  // Weights are kept as halves and converted by an operator: done here, once.
  for (const Operator& op : model.operators)
    if (op.kind == Kind::dequantize && all[op.inputs[0]].defined()) {
      if (model.tensors[op.inputs[0]].shape != model.tensors[op.output].shape ||
          model.tensors[op.output].type != ElementType::float32)
        throw FormatError("a DEQUANTIZE changes the shape of tensor " + std::to_string(op.inputs[0]));
      all[op.output] = all[op.inputs[0]];
    }
  return all;
}

std::vector<Shape> shapes_of(const Model& model, const std::vector<std::size_t>& tensors, const char* what) {
  std::vector<Shape> shapes;
  for (const std::size_t tensor : tensors) {
    if (model.tensors[tensor].type != ElementType::float32)
      throw FormatError(std::string(what) + " " + std::to_string(shapes.size()) + " is not float32");
    shapes.push_back(model.tensors[tensor].shape);
  }
  return shapes;
}

}  // namespace

Graph Graph::load(std::span<const std::byte> file, const std::string& where, KernelSets kernels) {
  const c10::InferenceMode guard;
  try {
    return {Model::read(file), kernels};
  } catch (const FormatError& error) {
    throw FormatError(where + ": " + error.what());
  }
}

Graph::Graph(const Model& model, KernelSets kernels)
    : constants_(constants_of(model)),
      inputs_(model.inputs),
      outputs_(model.outputs),
      input_shapes_(shapes_of(model, model.inputs, "input")),
      output_shapes_(shapes_of(model, model.outputs, "output")) {
  for (const Stage& stage : fuse(model)) try {
      steps_.push_back(
          {.bound = bind_stage(stage, model, constants_, kernels), .output = stage.op.output, .last_read = {}});
      const std::int64_t more = steps_.back().bound.multiply_adds;
      if (more > most_multiply_adds - multiply_adds_)
        throw FormatError("takes more work than any model that is meant here");
      multiply_adds_ += more;
    } catch (const FormatError& error) {
      throw FormatError("the " + kind_name(static_cast<std::int32_t>(stage.op.kind)) + " that leads to tensor " +
                        std::to_string(stage.op.output) + " " + error.what());
    }
  find_last_reads(model);
}

void Graph::find_last_reads(const Model& model) {
  std::vector<bool> needed(model.tensors.size());
  for (const std::size_t tensor : outputs_) needed[tensor] = true;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
    for (const std::size_t tensor : step->bound.reads) {
      if (!needed[tensor]) step->last_read.push_back(tensor);
      needed[tensor] = true;
    }
  // Constants that only went into packed weights are not needed any more.
  for (std::size_t i = 0; i < constants_.size(); ++i)
    if (!needed[i]) constants_[i].reset();
}

std::vector<at::Tensor> Graph::run(const std::vector<at::Tensor>& inputs) const {
  const c10::InferenceMode guard;
  std::vector<at::Tensor> values = constants_;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (i >= inputs.size() || inputs[i].sizes() != at::IntArrayRef(input_shapes_[i]) || !inputs[i].is_contiguous() ||
        inputs[i].scalar_type() != at::kFloat)
      throw FormatError("input " + std::to_string(i) + " must be contiguous float32 " + text(input_shapes_[i]));
    values[inputs_[i]] = inputs[i];
  }
  std::vector<at::Tensor> operands;
  for (const Step& step : steps_) {
    operands.clear();
    for (const std::size_t tensor : step.bound.reads) operands.push_back(values[tensor]);
    values[step.output] = step.bound.run(operands);
    for (const std::size_t tensor : step.last_read) values[tensor].reset();
  }
  std::vector<at::Tensor> outputs;
  for (const std::size_t tensor : outputs_) outputs.push_back(values[tensor]);
  return outputs;
}

}  // namespace dfpipe::tflite
