#include "graph.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <limits>
#include <random>
#include <thread>

#include "test_model.hpp"

namespace dfpipe::tflite {
namespace {

using namespace testing;

std::vector<float> numbers(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(random()) / 2147483648.0f - 1;
  return values;
}

at::Tensor tensor(const Shape& shape, const std::vector<float>& values) {
  return at::from_blob(const_cast<float*>(values.data()), shape).clone();
}

double away(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

struct Case {
  std::int64_t height, width, in, out, filter_h, filter_w;
  std::int64_t stride_h, stride_w;
  Padding padding;
};

std::ostream& operator<<(std::ostream& to, const Case& c) {
  return to << c.height << "x" << c.width << "x" << c.in << " to " << c.out << " by " << c.filter_h << "x" << c.filter_w
            << " every " << c.stride_h << "," << c.stride_w << (c.padding == Padding::same ? " same" : " valid");
}

/// LibTorch's convolution in double: zeros as TensorFlow places them, more of them after than before.
at::Tensor reference(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias, const Case& c,
                     std::int64_t groups) {
  at::Tensor picture = x.to(at::kDouble).permute({0, 3, 1, 2});
  if (c.padding == Padding::same) {
    const auto total = [](std::int64_t size, std::int64_t filter, std::int64_t stride) {
      return std::max<std::int64_t>(((size + stride - 1) / stride - 1) * stride + filter - size, 0);
    };
    const std::int64_t h = total(c.height, c.filter_h, c.stride_h), w = total(c.width, c.filter_w, c.stride_w);
    picture = at::constant_pad_nd(picture, {w / 2, w - w / 2, h / 2, h - h / 2});
  }
  return at::conv2d(picture, weights.to(at::kDouble), bias.to(at::kDouble), at::IntArrayRef{c.stride_h, c.stride_w},
                    at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1}, groups)
      .permute({0, 2, 3, 1});
}

/// Each instruction set alone, and the choice among all.
class Graphs : public ::testing::TestWithParam<KernelSets> {
 protected:
  at::Tensor run(const ModelFile& file, const std::vector<at::Tensor>& inputs) const {
    return Graph::load(file.bytes(), "test.tflite", GetParam()).run(inputs).front();
  }
  void expect_definition(Kind kind, const Case& c) const;
};

std::vector<KernelSets> choices() {
  const KernelSets all = runnable_kernels();
  std::vector<KernelSets> choices{all};
  for (std::size_t i = 0; i < all.size(); ++i) choices.push_back(all.subspan(i, 1));
  return choices;
}

std::string name_of(const ::testing::TestParamInfo<KernelSets>& choice) {
  return choice.param.size() > 1 ? "chosen" : choice.param.front()->name;
}

INSTANTIATE_TEST_SUITE_P(Runnable, Graphs, ::testing::ValuesIn(choices()), name_of);

/// A convolution of two pictures.
void Graphs::expect_definition(Kind kind, const Case& c) const {
  SCOPED_TRACE(::testing::PrintToString(c));
  const bool each = kind == Kind::depthwise_conv_2d;
  const Shape filter_shape = each ? Shape{1, c.filter_h, c.filter_w, c.in} : Shape{c.out, c.filter_h, c.filter_w, c.in};
  const std::vector<float> x = numbers(2 * c.height * c.width * c.in, 1), w = numbers(element_count(filter_shape), 2);
  const std::vector<float> b = numbers(c.out, 3);
  const at::Tensor weights =
      each ? tensor(filter_shape, w).permute({3, 0, 1, 2}) : tensor(filter_shape, w).permute({0, 3, 1, 2});
  const at::Tensor picture = tensor({2, c.height, c.width, c.in}, x);
  const at::Tensor wanted = reference(picture, weights, tensor({c.out}, b), c, each ? c.in : 1);
  ModelFile file;
  const int input = file.computed({2, c.height, c.width, c.in});
  const int filter = file.constant(filter_shape, w), bias = file.constant({c.out}, b);
  file.inputs({input});
  file.outputs(
      {file.add(kind, {input, filter, bias}, file.computed(wanted.sizes().vec()),
                each ? depthwise_walk(c.padding, c.stride_h, c.stride_w) : walk(c.padding, c.stride_h, c.stride_w))});
  EXPECT_LT(away(run(file, {picture}), wanted), 2e-5);
}

TEST_P(Graphs, ConvolutionsAreTheDefinition) {
  for (const Case& c : {Case{5, 7, 3, 4, 3, 3, 1, 1, Padding::same},
                        {8, 8, 16, 32, 1, 1, 1, 1, Padding::same},
                        {9, 6, 5, 7, 1, 1, 1, 1, Padding::valid},
                        {16, 16, 3, 24, 5, 5, 2, 2, Padding::same},
                        {16, 17, 3, 16, 3, 3, 2, 2, Padding::same},
                        {8, 10, 17, 33, 2, 2, 2, 2, Padding::valid},
                        {6, 6, 64, 1, 2, 3, 3, 1, Padding::valid},
                        {1, 1, 128, 200, 1, 1, 1, 1, Padding::valid},
                        {40, 3, 2, 48, 4, 1, 3, 2, Padding::same},
                        {2, 2, 8, 13, 2, 2, 1, 1, Padding::valid},
                        {7, 7, 4, 4, 1, 1, 2, 2, Padding::same},
                        {1, 9, 1, 2, 7, 7, 1, 1, Padding::same}}) {
    expect_definition(Kind::conv_2d, c);
  }
}

TEST_P(Graphs, DepthwiseConvolutionsAreTheDefinition) {
  for (const Case& c : {Case{5, 7, 3, 3, 3, 3, 1, 1, Padding::same},
                        {8, 8, 16, 16, 3, 3, 1, 1, Padding::same},
                        {9, 6, 20, 20, 3, 3, 2, 2, Padding::same},
                        {9, 9, 48, 48, 3, 3, 2, 1, Padding::valid},
                        {8, 8, 33, 33, 5, 5, 1, 1, Padding::same},
                        {2, 2, 8, 8, 3, 3, 1, 1, Padding::same},
                        {1, 1, 64, 64, 3, 3, 2, 2, Padding::same},
                        {12, 4, 8, 8, 2, 4, 3, 1, Padding::same},
                        {3, 3, 16, 16, 3, 3, 1, 1, Padding::valid},
                        {7, 5, 4, 4, 3, 3, 3, 2, Padding::same}}) {
    expect_definition(Kind::depthwise_conv_2d, c);
  }
}

/// conv, then what a test wants after it: on 6 x 5 pixels, 20 to `channels` channels.
struct Block {
  explicit Block(std::int64_t channels) : shape{1, 6, 5, channels} {
    input = file.computed({1, 6, 5, 20});
    const int filter = file.constant({channels, 1, 1, 20}, numbers(channels * 20, 7));
    made = file.add(Kind::conv_2d, {input, filter, file.constant({channels}, numbers(channels, 8))},
                    file.computed(shape), walk(Padding::same, 1, 1));
    picture = tensor({1, 6, 5, 20}, numbers(600, 9));
    const at::Tensor weights = tensor({channels, 20}, numbers(channels * 20, 7)).to(at::kDouble);
    wanted = at::matmul(picture.to(at::kDouble), weights.t()) + tensor({channels}, numbers(channels, 8));
    file.inputs({input});
  }

  ModelFile file;
  Shape shape;
  int input, made;
  at::Tensor picture, wanted;
};

TEST_P(Graphs, WhatFollowsAConvolutionIsDoneWithIt) {
  for (const std::int64_t channels : {3, 8, 16, 40}) {
    Block b(channels);
    const std::vector<float> other = numbers(30 * channels, 10), slopes = numbers(channels, 11);
    const int second = b.file.computed(b.shape);
    const int sum = b.file.add(Kind::add, {second, b.made}, b.file.computed(b.shape));
    const int slope = b.file.constant({1, 1, channels}, slopes);
    const int out = b.file.add(Kind::prelu, {sum, slope}, b.file.computed(b.shape));
    b.file.inputs({b.input, second});
    b.file.outputs({out});
    EXPECT_EQ(fuse(Model::read(b.file.bytes())).size(), 1u);
    const at::Tensor residual = tensor(b.shape, other), total = b.wanted + residual;
    const at::Tensor wanted = at::where(total > 0, total, total * tensor({channels}, slopes));
    EXPECT_LT(away(run(b.file, {b.picture, residual}), wanted), 1e-5) << channels;
  }
}

TEST_P(Graphs, WhatSomebodyElseReadsIsKept) {
  Block b(16);
  const int positive = b.file.add(Kind::relu, {b.made}, b.file.computed(b.shape));
  const int twice = b.file.add(Kind::add, {positive, b.made}, b.file.computed(b.shape));
  b.file.outputs({twice});
  EXPECT_EQ(fuse(Model::read(b.file.bytes())).size(), 3u);
  EXPECT_LT(away(run(b.file, {b.picture}), b.wanted + b.wanted.clamp_min(0)), 1e-5);
}

TEST_P(Graphs, AnOutputInTheMiddleIsKept) {
  Block b(16);
  const int positive = b.file.add(Kind::relu, {b.made}, b.file.computed(b.shape));
  b.file.outputs({b.made, positive});
  EXPECT_LT(away(run(b.file, {b.picture}), b.wanted), 1e-5);
}

TEST_P(Graphs, ASumWithItselfIsASum) {
  Block b(16);
  b.file.outputs({b.file.add(Kind::add, {b.made, b.made}, b.file.computed(b.shape))});
  EXPECT_LT(away(run(b.file, {b.picture}), b.wanted * 2), 1e-5);
}

TEST_P(Graphs, OperatorsAloneAreTheDefinition) {
  const Shape shape{1, 4, 6, 5};
  const at::Tensor x = tensor(shape, numbers(120, 12)), y = tensor(shape, numbers(120, 13));
  const auto alone = [&](auto&& add) {
    ModelFile file;
    const int a = file.computed(shape), b = file.computed(shape);
    file.inputs({a, b});
    file.outputs({add(file, a, b)});
    return run(file, {x, y});
  };
  const auto same = [&](Kind kind) {
    return alone([&](ModelFile& file, int a, int) { return file.add(kind, {a}, file.computed(shape)); });
  };
  EXPECT_LT(away(same(Kind::relu), x.clamp_min(0)), 1e-7);
  EXPECT_LT(away(same(Kind::logistic), x.sigmoid()), 1e-6);
  EXPECT_LT(away(alone([&](ModelFile& file, int a, int b) {
                   return file.add(Kind::add, {a, b}, file.computed(shape), {{0, 1}});
                 }),
                 (x + y).clamp_min(0)),
            1e-7);
  EXPECT_LT(away(alone([&](ModelFile& file, int a, int b) {
                   return file.add(Kind::concatenation, {a, b, a}, file.computed({1, 4, 18, 5}), {{0, -2}});
                 }),
                 at::cat({x, y, x}, 2)),
            1e-7);
  EXPECT_LT(away(alone([&](ModelFile& file, int a, int) {
                   return file.add(Kind::reshape, {a}, file.computed({30, 4}));
                 }),
                 x.reshape({30, 4})),
            1e-7);
  EXPECT_LT(away(alone([&](ModelFile& file, int a, int) {
                   const int widths = file.integers({4, 2}, {0, 0, 1, 2, 0, 0, 3, 0});
                   return file.add(Kind::pad, {a, widths}, file.computed({1, 7, 6, 8}));
                 }),
                 at::constant_pad_nd(x, {3, 0, 0, 0, 1, 2, 0, 0})),
            1e-7);
  EXPECT_LT(away(alone([&](ModelFile& file, int a, int) {
                   return file.add(Kind::prelu, {a, file.constant({5}, {0, 1, -1, 0.5f, 2})}, file.computed(shape));
                 }),
                 at::where(x > 0, x, x * tensor({5}, {0, 1, -1, 0.5f, 2}))),
            1e-7);
  const at::Tensor padded =
      at::constant_pad_nd(x.permute({0, 3, 1, 2}), {0, 1, 0, 0}, -std::numeric_limits<float>::infinity());
  EXPECT_LT(
      away(alone([&](ModelFile& file, int a, int) {
             return file.add(Kind::max_pool_2d, {a}, file.computed({1, 2, 3, 5}), pool_walk(Padding::same, 2, 2, 2, 3));
           }),
           at::max_pool2d(padded, {2, 3}, {2, 2}).permute({0, 2, 3, 1})),
      1e-7);
}

TEST_P(Graphs, HalfWeightsAreConvertedOnce) {
  ModelFile file;
  const int input = file.computed({1, 1, 1, 2}), halves = file.halves({1, 1, 1, 2}, {0x3c00, 0xc100});  // 1, -2.5
  const int weights = file.add(Kind::dequantize, {halves}, file.computed({1, 1, 1, 2}));
  file.inputs({input});
  file.outputs({file.add(Kind::conv_2d, {input, weights, file.constant({1}, {0.5f})}, file.computed({1, 1, 1, 1}),
                         walk(Padding::same, 1, 1))});
  EXPECT_EQ(run(file, {tensor({1, 1, 1, 2}, {3, 4})}).item<float>(), 3 - 10 + 0.5f);
}

TEST(Graph, RunsInManyThreadsAtOnce) {
  Block b(24);
  b.file.outputs({b.file.add(Kind::relu, {b.made}, b.file.computed(b.shape))});
  const Graph graph = Graph::load(b.file.bytes(), "test.tflite");
  std::vector<double> worst(4);
  {
    std::vector<std::jthread> threads;
    for (double& one : worst)
      threads.emplace_back([&] {
        for (int round = 0; round < 50; ++round)
          one = std::max(one, away(graph.run({b.picture}).front(), b.wanted.clamp_min(0)));
      });
  }
  EXPECT_THAT(worst, ::testing::Each(::testing::Lt(1e-5)));
}

TEST(Graph, RefusesInputsOfAnotherShapeOrType) {
  Block b(8);
  b.file.outputs({b.made});
  const Graph graph = Graph::load(b.file.bytes(), "test.tflite");
  EXPECT_EQ(graph.inputs(), (std::vector<Shape>{{1, 6, 5, 20}}));
  EXPECT_EQ(graph.outputs(), (std::vector<Shape>{{1, 6, 5, 8}}));
  EXPECT_THROW(graph.run({}), FormatError);
  EXPECT_THROW(graph.run({at::zeros({1, 5, 6, 20})}), FormatError);
  EXPECT_THROW(graph.run({at::zeros({1, 6, 5, 20}, at::kDouble)}), FormatError);
  EXPECT_THROW(graph.run({at::zeros({1, 5, 6, 20}).transpose(1, 2)}), FormatError);
}

}  // namespace
}  // namespace dfpipe::tflite
