#include "model.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "graph.hpp"
#include "test_model.hpp"

namespace dfpipe::tflite {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// A convolution of 2 x 2 pixels, 3 to 4 channels, that a test spoils.
struct Small {
  Small() {
    input = file.computed({1, 2, 2, 3});
    weights = file.constant({4, 1, 1, 3}, std::vector<float>(12, 0.5f));
    bias = file.constant({4}, std::vector<float>(4, 0.1f));
    output = file.computed({1, 2, 2, 4});
    file.inputs({input});
    file.outputs({output});
    file.add(Kind::conv_2d, {input, weights, bias}, output, walk(Padding::same, 1, 1));
  }
  FlatTable& options() { return *std::get<std::shared_ptr<FlatTable>>(file.operators[0]->fields[4]); }

  ModelFile file;
  int input, weights, bias, output;
};

std::string refusal(const std::vector<std::byte>& bytes) {
  try {
    Graph::load(bytes, "model.tflite");
  } catch (const FormatError& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("model.tflite: "));
    return error.what();
  }
  return "accepted";
}

template <typename Spoil>
std::string refusal_when(Spoil&& spoil) {
  Small small;
  spoil(small);
  return refusal(small.file.bytes());
}

TEST(Model, IsReadAsItWasWritten) {
  const Small small;
  const std::vector<std::byte> bytes = small.file.bytes();
  const Model model = Model::read(bytes);
  ASSERT_EQ(model.operators.size(), 1u);
  EXPECT_EQ(model.operators[0].kind, Kind::conv_2d);
  EXPECT_EQ(model.tensors.size(), 4u);
  EXPECT_EQ(model.tensors[1].shape, (Shape{4, 1, 1, 3}));
  EXPECT_EQ(model.tensors[1].data.size(), 48u);
  EXPECT_EQ(refusal(bytes), "accepted");
}

TEST(Model, SaysWhichKindOfOperatorIsNotKnown) {
  EXPECT_THAT(refusal_when([](Small& s) { s.file.codes[0]->fields[0] = std::int8_t{18}; }), HasSubstr("MUL"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.codes[0]->fields[3] = 150; }), HasSubstr("operator 150"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.codes[0]->fields[3] = -3; }), "accepted") << "the larger one counts";
  EXPECT_THAT(refusal_when([](Small& s) {
                s.file.codes[0]->fields[0] = std::int8_t{32};
                const std::string name = "Landmarks2\n";
                std::vector<std::byte> custom(name.size());
                std::memcpy(custom.data(), name.data(), name.size());
                s.file.codes[0]->fields[1] = custom;
              }),
              ::testing::AllOf(HasSubstr("CUSTOM 'Landmarks2"), ::testing::Not(HasSubstr("\n"))));
}

TEST(Model, RefusesWhatItWouldComputeWrongly) {
  const auto option = [](int field, auto value) {
    return refusal_when([&](Small& s) { s.options().fields[field] = value; });
  };
  EXPECT_THAT(option(0, std::int8_t{7}), HasSubstr("padding 7"));
  EXPECT_THAT(option(1, 0), HasSubstr("stride"));
  EXPECT_THAT(option(2, -1), HasSubstr("stride"));
  EXPECT_THAT(option(3, std::int8_t{3}), HasSubstr("activation 3"));
  EXPECT_THAT(option(4, 2), HasSubstr("dilated"));
  EXPECT_THAT(option(1, 2), HasSubstr("makes [1,2,1,4] where the file says [1,2,2,4]"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.operators[0]->fields.erase(4); }), HasSubstr("no options"));
  EXPECT_THAT(refusal_when([](Small& s) { s.options().fields.erase(1); }), HasSubstr("stride")) << "absent means 0";
}

TEST(Model, RefusesTensorsThatAreNotWhatTheySay) {
  const auto tensor = [](int which, int field, auto value) {
    return refusal_when([&](Small& s) { s.file.tensors[static_cast<std::size_t>(which)]->fields[field] = value; });
  };
  const auto shape = [&](int which, std::vector<std::int32_t> sides) { return tensor(which, 0, std::move(sides)); };
  EXPECT_THAT(shape(1, {4, 1, 1, 4}), HasSubstr("needs 64 bytes and has 48"));
  EXPECT_THAT(shape(1, {3, 1, 1, 4}), HasSubstr("do not fit"));
  EXPECT_THAT(shape(0, {1, 2, 2, -3}), HasSubstr("impossible shape"));
  EXPECT_THAT(shape(0, {1, 0, 2, 3}), HasSubstr("impossible shape"));
  EXPECT_THAT(shape(0, {2000000000, 2000000000, 2000000000, 3}), HasSubstr("impossible shape"));
  EXPECT_THAT(shape(0, {1, 2, 6}), HasSubstr("four dimensions"));
  EXPECT_THAT(shape(2, {2, 2}), "accepted") << "four biases in whatever shape";
  EXPECT_THAT(shape(0, std::vector<std::int32_t>(9, 1)), HasSubstr("longer than expected"));
  EXPECT_THAT(tensor(0, 1, std::int8_t{9}), HasSubstr("element type 9"));
  EXPECT_THAT(tensor(0, 1, std::int8_t{2}), HasSubstr("not float32"));
  EXPECT_THAT(tensor(1, 2, 77), HasSubstr("buffer 77"));
  EXPECT_THAT(tensor(1, 2, -1), HasSubstr("buffer 4294967295"));
  EXPECT_THAT(tensor(1, 2, 0), HasSubstr("read before it is made")) << "weights that nothing makes";
}

TEST(Model, RefusesAGraphThatCannotBeWalked) {
  const auto inputs = [](std::vector<std::int32_t> which) {
    return refusal_when([&](Small& s) { s.file.operators[0]->fields[1] = which; });
  };
  EXPECT_THAT(inputs({0, 1}), HasSubstr("has 2 inputs"));
  EXPECT_THAT(inputs({0, 1, 9}), HasSubstr("tensor 9"));
  EXPECT_THAT(inputs({0, 1, -1}), HasSubstr("tensor -1"));
  EXPECT_THAT(inputs({3, 1, 2}), HasSubstr("read before it is made"));
  EXPECT_THAT(inputs({0, 0, 2}), HasSubstr("constant weights"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.operators[0]->fields[2] = std::vector<std::int32_t>{1}; }),
              HasSubstr("made twice"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.operators[0]->fields[2] = std::vector<std::int32_t>{}; }),
              HasSubstr("0 outputs"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.operators[0]->fields[0] = 5; }), HasSubstr("kind number 5"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.outputs({2, 99}); }), HasSubstr("tensor 99"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.inputs({1}); }), HasSubstr("made twice"));
}

TEST(Model, RefusesAnotherFile) {
  EXPECT_THAT(refusal({}), HasSubstr("no TensorFlow Lite model"));
  const std::vector<std::byte> zeros(4096);
  EXPECT_THAT(refusal(zeros), HasSubstr("TFL3"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.model->fields[0] = 2; }), HasSubstr("version 2"));
  EXPECT_THAT(refusal_when([](Small& s) { s.file.model->fields[2] = FlatTables{}; }), HasSubstr("0 subgraphs"));
}

TEST(Model, RefusesMoreWorkThanAModelMeans) {
  ModelFile file;
  const int input = file.computed({1, 4096, 4096, 1});
  const int weights = file.constant({1, 64, 64, 1}, std::vector<float>(4096));
  file.inputs({input});
  file.outputs({file.add(Kind::conv_2d, {input, weights, file.constant({1}, {0})}, file.computed({1, 4096, 4096, 1}),
                         walk(Padding::same, 1, 1))});
  EXPECT_THAT(refusal(file.bytes()), HasSubstr("more work"));
  file.tensors.push_back(file.tensors[0]);
  file.tensors.push_back(file.tensors[0]);
  file.tensors.push_back(file.tensors[0]);
  EXPECT_THAT(refusal(file.bytes()), HasSubstr("too large altogether"));
}

TEST(Model, CutAnywhereIsRefusedOrUnharmed) {
  const std::vector<std::byte> bytes = Small().file.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(refusal(cut), "accepted") << size;
  }
}

TEST(Model, NoReferenceLeavesTheFile) {
  // Every 32-bit word in turn becomes something that points out of the file, or back into it.
  const std::vector<std::byte> bytes = Small().file.bytes();
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 2)
    for (const std::uint32_t value : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 0xfffffff0u,
                                      static_cast<std::uint32_t>(bytes.size() - at), static_cast<std::uint32_t>(-at)}) {
      std::vector<std::byte> spoilt = bytes;
      std::memcpy(spoilt.data() + at, &value, sizeof value);
      refusal(spoilt);
    }
}

}  // namespace
}  // namespace dfpipe::tflite
