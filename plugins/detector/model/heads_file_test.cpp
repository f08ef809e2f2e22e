#include <gmock/gmock.h>

#include "detector_model.hpp"
#include "error.hpp"
#include "heads.hpp"
#include "test_tensors.hpp"
#include "testing/process.hpp"
#include "torch_file.hpp"
#include "torch_file_writer.hpp"
#include "train_state.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path original = data / "original_head_weights.pt";
const std::filesystem::path training = data / "original_training";

class OriginalHeads : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return scratch_.path() / "head_weights.pt"; }

  /// A file of these heads with one of its values written by `instead`, or left out.
  std::string refusal(const std::string& name, const std::function<void(TorchFileWriter&)>& instead) const {
    const Heads heads = Heads::load(original, 32);
    TorchFileWriter out;
    out.begin_dict();
    for (const std::string part : {"fft_branch", "classifier"}) {
      out.text(part);
      out.begin_dict();
      for (const auto& [full, tensor] : heads.parameters()) {
        if (!full.starts_with(part + ".") || full == name) continue;
        out.text(full.substr(part.size() + 1));
        out.tensor(tensor);
      }
      if (instead && name.starts_with(part + ".")) {
        out.text(name.substr(part.size() + 1));
        instead(out);
      }
      out.end_dict();
    }
    if (instead && name.find('.') == std::string::npos) {
      out.text(name);
      instead(out);
    }
    out.end_dict();
    out.publish(file());
    return message_of([&] { Heads::load(file(), 32); });
  }

  ScratchFolder scratch_;
};

TEST_F(OriginalHeads, AreTheSameAsTheirSafetensors) {
  const Heads heads = Heads::load(original, 32);
  const Heads same = Heads::load(data / "original/head_weights.safetensors", 32);
  EXPECT_EQ(heads.id2label, same.id2label);
  EXPECT_TRUE(heads.trained);
  ASSERT_EQ(heads.parameters().size(), same.parameters().size());
  for (const auto& [name, tensor] : same.parameters())
    EXPECT_TRUE(at::equal(heads.parameters().at(name), tensor)) << name;
}

TEST_F(OriginalHeads, OfATrainingHaveTheProjectionHead) {
  const Heads heads = Heads::load(training / "head_weights.pt", 32);
  ASSERT_TRUE(heads.projection_out.weight.defined());
  EXPECT_EQ(heads.projection_out.weight.size(0), 16);
  EXPECT_EQ(heads.parameters().at("fft_branch.1.num_batches_tracked").item<std::int64_t>(), 38);
}

TEST_F(OriginalHeads, NamesWhatIsWrong) {
  EXPECT_THAT(refusal("classifier.3.bias", {}),
              AllOf(HasSubstr("head_weights.pt"), HasSubstr("missing: 'classifier.3.bias'")));
  const auto with = [&](const at::Tensor& tensor) { return [=](TorchFileWriter& out) { out.tensor(tensor); }; };
  EXPECT_THAT(refusal("classifier.9.bias", with(at::ones({2}))), HasSubstr("unknown: 'classifier.9.bias'"));
  EXPECT_THAT(refusal("classifier.3.bias", with(at::ones({3}))), HasSubstr("'classifier.3.bias' is 3 instead of 2"));
  EXPECT_THAT(refusal("classifier.3.bias", with(at::full({2}, NAN))), HasSubstr("not finite"));
  EXPECT_THAT(refusal("classifier.3.bias", with(at::ones({2}, at::kLong))), HasSubstr("wrong dtype"));
  EXPECT_THAT(refusal("classifier.3.bias", [](auto& out) { out.text("two"); }),
              HasSubstr("head_weights.pt: classifier.3.bias must be a tensor, but is a text"));
  EXPECT_THAT(refusal("epoch", [](auto& out) { out.integer(3); }), HasSubstr("unknown: 'epoch'"));
  EXPECT_THAT(refusal("projection_head", [](auto& out) { out.none(); }),
              HasSubstr("projection_head must be a dictionary, but is None"));
  const auto labels = [](int id, const std::string& label) {
    return [=](TorchFileWriter& out) {
      out.begin_dict();
      out.integer(id);
      out.text(label);
      out.end_dict();
    };
  };
  EXPECT_THAT(refusal("id2label", labels(0, "only")), HasSubstr("must name the classes 0 and 1"));
  EXPECT_THAT(refusal("id2label", [](auto& out) { out.integer(1); }), HasSubstr("id2label must be a dictionary"));
  EXPECT_THAT(message_of([] { Heads::load(original, 64); }), HasSubstr("another width"));
}

TEST_F(OriginalHeads, WrittenAgainAreTheSame) {
  Heads before = Heads::load(training / "head_weights.pt", 32);
  before.id2label = {{0, "genuine"}, {1, "gefälscht"}};
  before.save_original(file());
  const Heads after = Heads::load(file(), 32);
  EXPECT_EQ(after.id2label, before.id2label);
  ASSERT_EQ(after.parameters().size(), before.parameters().size());
  for (const auto& [name, tensor] : before.parameters())
    EXPECT_TRUE(at::equal(after.parameters().at(name), tensor)) << name;
}

TEST_F(OriginalHeads, WrittenByUsAreLoadedByPyTorch) {
  for (const auto& from : {original, training / "head_weights.pt"}) {
    const Heads heads = Heads::load(from, 32);
    heads.save_original(file());
    const std::filesystem::path same = scratch_.path() / "same.safetensors";
    heads.save(same);
    dfpipe::testing::Finished ran;
    for (const char* const python : {"python3", "/usr/bin/python3"}) {
      ran = dfpipe::testing::run_process({python, "tests/interop/load_heads.py", file(), same, "32"});
      if (ran.exit_code == 0) break;
    }
    if (ran.exit_code == 77) GTEST_SKIP() << "python3 has no torch here: " << ran.out;
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  }
}

TEST_F(OriginalHeads, LeaveNoHalfFileWhenTheyCannotBeWritten) {
  const Heads heads = Heads::load(original, 32);
  EXPECT_THAT(message_of([&] { heads.save_original(scratch_.path() / "nowhere/head_weights.pt"); }),
              HasSubstr("cannot be created"));
  write_bytes(file(), "old");
  std::filesystem::create_directory(scratch_.path() / "taken.pt");
  EXPECT_THAT(message_of([&] { heads.save_original(scratch_.path() / "taken.pt"); }), HasSubstr("cannot be renamed"));
  std::size_t left = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch_.path()))
    left += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(left, 1u);
}

TEST(TorchFileWriter, ValuesComeBackAsTheyWereWritten) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "v.pt";
  TorchFileWriter out;
  out.begin_dict();
  out.text("numbers");
  out.begin_list();
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{-7}, INT64_MIN, INT64_MAX, std::int64_t{1} << 31})
    out.integer(n);
  out.number(-0.1);
  out.truth(true);
  out.none();
  out.end_list();
  for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                           at::kChar, at::kByte, at::kBool}) {
    out.text(c10::toString(dtype));
    out.tensor(at::arange(6, at::kFloat).view({2, 3}).t().to(dtype));
  }
  out.text("empty");
  out.tensor(at::empty({0, 3}));
  out.end_dict();
  out.publish(file);
  const TorchFile read(file);
  const auto numbers = read.root()["numbers"].items();
  EXPECT_EQ(numbers.at(1).integer(), -7);
  EXPECT_EQ(numbers.at(2).integer(), INT64_MIN);
  EXPECT_EQ(numbers.at(3).integer(), INT64_MAX);
  EXPECT_EQ(numbers.at(4).integer(), std::int64_t{1} << 31);
  EXPECT_EQ(numbers.at(5).number(), -0.1);
  EXPECT_TRUE(numbers.at(6).truth());
  for (const auto dtype : {at::kDouble, at::kBFloat16, at::kChar, at::kBool})
    EXPECT_TRUE(at::equal(read.load(read.root()[std::string(c10::toString(dtype))].tensor()),
                          at::arange(6, at::kFloat).view({2, 3}).t().to(dtype)));
  EXPECT_EQ(read.load(read.root()["empty"].tensor()).sizes(), at::IntArrayRef({0, 3}));
  EXPECT_THAT(message_of([&] { out.tensor(at::empty({1}, at::kComplexFloat)); }), HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace dfpipe::detector
