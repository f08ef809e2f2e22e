#include <array>
#include <string_view>

#include "model.hpp"

namespace dfpipe::tflite {
namespace {

// By builtin code, as the schema of TensorFlow Lite numbers them.
constexpr std::array<std::string_view, 77> names{"ADD",
                                                 "AVERAGE_POOL_2D",
                                                 "CONCATENATION",
                                                 "CONV_2D",
                                                 "DEPTHWISE_CONV_2D",
                                                 "DEPTH_TO_SPACE",
                                                 "DEQUANTIZE",
                                                 "EMBEDDING_LOOKUP",
                                                 "FLOOR",
                                                 "FULLY_CONNECTED",
                                                 "HASHTABLE_LOOKUP",
                                                 "L2_NORMALIZATION",
                                                 "L2_POOL_2D",
                                                 "LOCAL_RESPONSE_NORMALIZATION",
                                                 "LOGISTIC",
                                                 "LSH_PROJECTION",
                                                 "LSTM",
                                                 "MAX_POOL_2D",
                                                 "MUL",
                                                 "RELU",
                                                 "RELU_N1_TO_1",
                                                 "RELU6",
                                                 "RESHAPE",
                                                 "RESIZE_BILINEAR",
                                                 "RNN",
                                                 "SOFTMAX",
                                                 "SPACE_TO_DEPTH",
                                                 "SVDF",
                                                 "TANH",
                                                 "CONCAT_EMBEDDINGS",
                                                 "SKIP_GRAM",
                                                 "CALL",
                                                 "CUSTOM",
                                                 "EMBEDDING_LOOKUP_SPARSE",
                                                 "PAD",
                                                 "UNIDIRECTIONAL_SEQUENCE_RNN",
                                                 "GATHER",
                                                 "BATCH_TO_SPACE_ND",
                                                 "SPACE_TO_BATCH_ND",
                                                 "TRANSPOSE",
                                                 "MEAN",
                                                 "SUB",
                                                 "DIV",
                                                 "SQUEEZE",
                                                 "UNIDIRECTIONAL_SEQUENCE_LSTM",
                                                 "STRIDED_SLICE",
                                                 "BIDIRECTIONAL_SEQUENCE_RNN",
                                                 "EXP",
                                                 "TOPK_V2",
                                                 "SPLIT",
                                                 "LOG_SOFTMAX",
                                                 "DELEGATE",
                                                 "BIDIRECTIONAL_SEQUENCE_LSTM",
                                                 "CAST",
                                                 "PRELU",
                                                 "MAXIMUM",
                                                 "ARG_MAX",
                                                 "MINIMUM",
                                                 "LESS",
                                                 "NEG",
                                                 "PADV2",
                                                 "GREATER",
                                                 "GREATER_EQUAL",
                                                 "LESS_EQUAL",
                                                 "SELECT",
                                                 "SLICE",
                                                 "SIN",
                                                 "TRANSPOSE_CONV",
                                                 "SPARSE_TO_DENSE",
                                                 "TILE",
                                                 "EXPAND_DIMS",
                                                 "EQUAL",
                                                 "NOT_EQUAL",
                                                 "LOG",
                                                 "SUM",
                                                 "SQRT",
                                                 "RSQRT"};

}  // namespace

std::string kind_name(std::int32_t code) {
  if (code >= 0 && static_cast<std::size_t>(code) < names.size())
    return std::string(names[static_cast<std::size_t>(code)]);
  return "operator " + std::to_string(code);
}

}  // namespace dfpipe::tflite
