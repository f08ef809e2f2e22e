#include <ATen/ATen.h>

#include <cstdlib>

#include "graph.hpp"

/// A model is refused, or it runs and its outputs have the shapes that it declares.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::tflite;
  try {
    const Graph graph = Graph::load(std::as_bytes(std::span(data, size)), "input");
    std::int64_t elements = 0;
    for (const Shape& shape : graph.inputs()) elements += element_count(shape);
    if (graph.multiply_adds() > 1 << 20 || elements > 1 << 20) return 0;  // allowed, but each would take seconds here
    std::vector<at::Tensor> inputs;
    for (const Shape& shape : graph.inputs()) inputs.push_back(at::full(shape, 0.5f));
    const std::vector<at::Tensor> outputs = graph.run(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i].sizes() != at::IntArrayRef(graph.outputs()[i])) std::abort();
  } catch (const FormatError&) {  // anything else is a finding
  }
  return 0;
}
