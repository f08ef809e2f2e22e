#include "torch_file.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "error.hpp"
#include "test_tensors.hpp"
#include "torch_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::filesystem::path files = data / "pt_reader";

/// A pickle's plain values as JSON.
nlohmann::json as_json(const Place& place) {
  const auto& is = place.value().is;
  if (std::holds_alternative<None>(is)) return nullptr;
  if (const auto* const truth = std::get_if<bool>(&is)) return *truth;
  if (const auto* const whole = std::get_if<std::int64_t>(&is)) return *whole;
  if (const auto* const large = std::get_if<LargeInteger>(&is)) return large->digits;
  if (std::holds_alternative<double>(is)) return place.number();
  if (std::holds_alternative<std::string>(is)) return place.text();
  nlohmann::json json;
  if (std::holds_alternative<Dict>(is)) {
    json = nlohmann::json::object();
    for (const auto& [key, value] : place.dict()) json[key_text(key)] = as_json(place[key]);
  } else {
    json = nlohmann::json::array();
    for (const Place& item : place.items()) json.push_back(as_json(item));
  }
  return json;
}

class TorchContainer : public ::testing::TestWithParam<const char*> {};

TEST_P(TorchContainer, GivesTheDictionaryThatWasSaved) {
  const TorchFile file(files / GetParam());
  const nlohmann::json expected = nlohmann::json::parse(read_bytes(files / "expected.json"));
  const auto tensors = load_all(files / "expected.safetensors");
  EXPECT_EQ(as_json(file.root()["python"]), expected["python"]);
  EXPECT_EQ(as_json(file.root()["id2label"]), expected["id2label"]);
  EXPECT_EQ(file.root()["id2label"][std::int64_t{1}].text(), "Deepfake");
  EXPECT_EQ(file.root()["numpy_float64"].number(), expected["numpy_float64"].get<double>());
  std::size_t seen = 0;
  for (const char* const part : {"fft_branch", "classifier", "tensors"})
    for (const auto& [key, value] : file.root()[std::string(part)].dict()) {
      const std::string name = std::string(part) + "." + key_text(key);
      at::Tensor loaded = file.load(Place(*value, name).tensor());
      const auto& dtype = expected["dtypes"].value(key_text(key), std::string());
      if (!dtype.empty() && part == std::string("tensors")) {
        std::string given(c10::toString(loaded.scalar_type()));
        const std::map<std::string, std::string> names{
            {"Float", "float32"}, {"Double", "float64"}, {"Half", "float16"}, {"BFloat16", "bfloat16"},
            {"Long", "int64"},    {"Int", "int32"},      {"Short", "int16"},  {"Char", "int8"},
            {"Byte", "uint8"},    {"Bool", "bool"}};
        EXPECT_EQ("torch." + names.at(given), dtype) << name;
      }
      if (loaded.scalar_type() == at::kBFloat16) loaded = loaded.to(at::kFloat);
      EXPECT_TRUE(at::equal(loaded, tensors.at(name))) << name;
      EXPECT_TRUE(loaded.is_contiguous()) << name;
      ++seen;
    }
  EXPECT_EQ(seen, tensors.size());
}

INSTANTIATE_TEST_SUITE_P(Layouts, TorchContainer,
                         ::testing::Values("zip_protocol2.pt", "zip_protocol3.pt", "zip_protocol4.pt",
                                           "zip_protocol5.pt", "zip_newer_layout.pt", "legacy_protocol2.pt",
                                           "legacy_protocol4.pt"),
                         [](const auto& file) { return std::filesystem::path(file.param).stem().string(); });

class TorchRefusal : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return scratch_.path() / "weights.pt"; }

  /// What opening a file of these bytes says, and loading all its tensors.
  std::string refusal(const std::string& bytes) const {
    write_bytes(file(), bytes);
    const std::string said = message_of([&] {
      const TorchFile open(file());
      std::set<const Value*> seen;
      load_tensors(open, open.root(), seen);
    });
    if (!said.empty()) {
      EXPECT_THAT(said, StartsWith(file().string()));
    }
    return said;
  }

  static void load_tensors(const TorchFile& file, const Place& place, std::set<const Value*>& seen) {
    if (!seen.insert(&place.value()).second) return;
    if (place.is_tensor()) file.load(place.tensor());
    if (std::holds_alternative<Dict>(place.value().is))
      for (const auto& [key, value] : place.dict()) load_tensors(file, place[key], seen);
    if (std::holds_alternative<List>(place.value().is) || std::holds_alternative<Tuple>(place.value().is))
      for (const Place& item : place.items()) load_tensors(file, item, seen);
  }

  std::string changed(const char* name, std::size_t at, const std::string& by) const {
    return read_bytes(files / name).replace(at, by.size(), by);
  }

  ScratchFolder scratch_;
};

TEST_F(TorchRefusal, NamesWhatAFileAsksForAndRunsNothing) {
  EXPECT_THAT(message_of([] { TorchFile open(files / "reject_calls_a_function.pt"); }),
              AllOf(HasSubstr("reject_calls_a_function.pt: data.pkl, byte 22"), HasSubstr("asks for 'posix.getcwd'"),
                    HasSubstr("nothing of it was run")));
  EXPECT_THAT(refusal(legacy_file("cbuiltins\neval\n" + tuple(text("1")) + "R")), HasSubstr("'builtins.eval'"));
  EXPECT_THAT(refusal(legacy_file(text("os") + text("system") + "\x93")), HasSubstr("'os.system'"));
  EXPECT_THAT(refusal(legacy_file("ctorch.storage\n_load_from_bytes\n")), HasSubstr("_load_from_bytes"));
  EXPECT_THAT(refusal(legacy_file("ccollections\nOrderedDict2\n")), HasSubstr("OrderedDict2"));
  EXPECT_THAT(refusal(legacy_file("ctorch\nFloatStorage\n)R")),
              HasSubstr("'torch.FloatStorage', which is no function"));
  const std::string in_header = legacy_file("N");
  EXPECT_THAT(refusal("\x80\x02"
                      "cos\ngetcwd\n)R." +
                      in_header),
              HasSubstr("'os.getcwd'"));
}

TEST_F(TorchRefusal, SaysWhereAFileIsCut) {
  EXPECT_THAT(message_of([] { TorchFile open(files / "reject_truncated.pt"); }), HasSubstr("is cut"));
  EXPECT_THAT(message_of([] { TorchFile open(files / "reject_storage_too_short.pt"); }),
              HasSubstr("'zip_protocol2/data/0' has 16 bytes instead of 32"));
  for (const char* const name :
       {"zip_protocol2.pt", "zip_newer_layout.pt", "legacy_protocol2.pt", "legacy_protocol4.pt"}) {
    const std::string whole = read_bytes(files / name);
    for (std::size_t size = 0; size < whole.size(); size += size < 200 || size + 200 > whole.size() ? 3 : 97)
      EXPECT_FALSE(refusal(whole.substr(0, size)).empty()) << name << " cut at " << size;
    EXPECT_FALSE(refusal(whole + '\0').empty()) << name;
  }
}

TEST_F(TorchRefusal, AChangedByteIsReadOrRefusedButNeverHarms) {
  for (const char* const name : {"zip_protocol4.pt", "legacy_protocol2.pt"}) {
    const std::string whole = read_bytes(files / name);
    for (std::size_t at = 0; at < whole.size(); at += 13) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xff : 0x01));
      refusal(bytes);
    }
  }
}

TEST_F(TorchRefusal, DamageToTheNumbersIsFound) {
  const std::string bytes = changed("zip_newer_layout.pt", 0xe4c, "x");
  EXPECT_THAT(refusal(bytes), AllOf(HasSubstr("'archive/data/0'"), HasSubstr("checksum")));
}

TEST_F(TorchRefusal, ZipsThatTorchDoesNotWrite) {
  const std::string whole = read_bytes(files / "zip_newer_layout.pt");
  const std::size_t directory = whole.find("PK\1\2");
  const auto with = [&](std::size_t at, const std::string& by) {
    return std::string(whole).replace(at, by.size(), by);
  };
  EXPECT_THAT(refusal(with(directory + 10, "\x08")), HasSubstr("is compressed"));
  EXPECT_THAT(refusal(with(8, "\x08")), HasSubstr("is compressed according to its own header"));
  EXPECT_THAT(refusal(with(directory + 8, "\x01")), HasSubstr("encrypted"));
  EXPECT_THAT(refusal(with(directory + 24, "\xff")), HasSubstr("its two sizes differ"));
  EXPECT_THAT(refusal(with(directory + 20, "\xff\xff\xff\x7f\xff\xff\xff\x7f")),
              HasSubstr("beyond the archive's data"));
  EXPECT_THAT(refusal(with(directory + 42, "\x01")), HasSubstr("has no header at byte 1"));
  EXPECT_THAT(refusal(with(30, "A")), HasSubstr("another name in its own header"));
  EXPECT_THAT(refusal(with(14, "x")), HasSubstr("another size or checksum"));
  std::string twice = whole;
  for (std::size_t at = 0; (at = twice.find("archive/data/2", at)) != std::string::npos; ++at)
    if (std::isdigit(static_cast<unsigned char>(twice[at + 14])) == 0) twice[at + 13] = '3';
  EXPECT_THAT(refusal(twice), HasSubstr("'archive/data/3' stands there twice"));
  std::string elsewhere = whole;
  for (std::size_t at = 0; (at = elsewhere.find("archive/version", at)) != std::string::npos; ++at) elsewhere[at] = 'b';
  EXPECT_THAT(refusal(elsewhere), HasSubstr("'brchive/version' lies outside the folder 'archive/'"));
  std::string big = whole;
  big.replace(big.find("little"), 6, "bigger");
  EXPECT_THAT(refusal(big), HasSubstr("checksum"));
  EXPECT_THAT(refusal("PK\x05\x06" + std::string(18, '\0')), HasSubstr("without data.pkl"));
  EXPECT_THAT(refusal("hello"), HasSubstr("is no file of torch.save"));
  EXPECT_THAT(refusal(""), HasSubstr("is no file of torch.save"));
}

TEST_F(TorchRefusal, PicklesThatWeightsDoNotNeed) {
  const auto of = [&](const std::string& body) { return refusal(legacy_file(body)); };
  EXPECT_THAT(of("]q\1h\1a"), HasSubstr("contains itself"));
  EXPECT_THAT(of("}q\1" + text("a") + "h\1s"), HasSubstr("contains itself"));
  EXPECT_THAT(of(std::string(80, ']') + std::string(79, 'a')), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(of("}" + text("a") + "Ns" + text("a") + "Ns"), HasSubstr("the key 'a' twice"));
  EXPECT_THAT(of("}NNs"), HasSubstr("neither a text nor a whole number"));
  EXPECT_THAT(of("}" + text(std::string(513, 'k')) + "Ns"), HasSubstr("more than 512 bytes"));
  EXPECT_THAT(of("}(" + text("a") + "u"), HasSubstr("a key without a value"));
  EXPECT_THAT(of(text("\xff")), HasSubstr("no UTF-8"));
  EXPECT_THAT(of(text("\xed\xa0\x80")), HasSubstr("no UTF-8"));
  EXPECT_THAT(of("h\7"), HasSubstr("refers to value 7"));
  EXPECT_THAT(of("NN"), HasSubstr("something left over"));
  EXPECT_THAT(of("t"), HasSubstr("has not begun"));
  EXPECT_THAT(of("a"), HasSubstr("takes a value where there is none"));
  EXPECT_THAT(of("\x8a\x20" + std::string(32, '\1')), HasSubstr("more than 128 bits"));
  EXPECT_THAT(of("i"), HasSubstr("operation 0x69"));
  EXPECT_THAT(of("NNb"), HasSubstr("sets attributes"));
  EXPECT_THAT(of(text("x") + "Q"), HasSubstr("no storage"));
  EXPECT_THAT(of(std::string(300000, 'N')), HasSubstr("more than 262144 values"));
  EXPECT_THAT(of("X" + little(0xffffffff, 4)), HasSubstr("is cut"));
  EXPECT_THAT(of(text(std::string(5u << 20, 'x'))), HasSubstr("4 MiB"));
  EXPECT_THAT(refusal(legacy_file("N", {}, "", "\x89")), HasSubstr("is big endian"));
  EXPECT_THAT(refusal("\x80\x02K\x01."), HasSubstr("none that torch.save wrote"));
  EXPECT_THAT(refusal("\x80\x01."), HasSubstr("protocol 1"));
}

TEST_F(TorchRefusal, TensorsThatReachBeyondTheirStorage) {
  const std::string four(8 + 16, '\0');
  const auto of = [&](const std::string& body) {
    std::string data = four;
    data[0] = 4;
    return refusal(legacy_file(body, {"k"}, data));
  };
  const std::string s = storage("FloatStorage", "k", 4);
  EXPECT_EQ(of(tensor(s, 0, {2, 2}, {2, 1})), "");
  EXPECT_EQ(of(tensor(s, 0, {100, 4}, {0, 1})), "");
  EXPECT_THAT(of(tensor(s, 1, {2, 2}, {2, 1})), HasSubstr("reaches beyond its storage 'k' of 4 elements"));
  EXPECT_THAT(of(tensor(s, 0, {2}, {4})), HasSubstr("reaches beyond"));
  EXPECT_THAT(of(tensor(s, 0, {1u << 20, 1u << 20, 1u << 20, 1u << 20}, {1, 1, 1, 1})), HasSubstr("reaches beyond"));
  EXPECT_THAT(of(tensor(s, 0, {1u << 20, 1u << 20}, {0, 0})), HasSubstr("more bytes than the file has"));
  EXPECT_THAT(of(tensor(s, ~0ull, {1}, {1})), HasSubstr("missing or of the wrong kind"));
  EXPECT_THAT(of(tensor(s, 0, {2}, {1, 1})), HasSubstr("fewer sizes than strides"));
  EXPECT_THAT(of(tensor(s, 0, std::vector<std::uint64_t>(9, 1), std::vector<std::uint64_t>(9, 1))),
              HasSubstr("more than 8"));
  EXPECT_THAT(of(tensor(storage("ComplexFloatStorage", "k", 4), 0, {1}, {1})), HasSubstr("ComplexFloatStorage"));
  EXPECT_THAT(of("(" + s + storage("IntStorage", "k", 4) + "t"), HasSubstr("a second time"));
  EXPECT_THAT(of(tensor(storage("FloatStorage", "k", 5), 0, {1}, {1})), HasSubstr("4 elements instead of 5"));
  EXPECT_THAT(of(tensor(storage("FloatStorage", "k", 1ull << 62), 0, {1ull << 40}, {1})), HasSubstr("impossible"));
  EXPECT_THAT(of(tensor(storage("ByteStorage", "k", 1ull << 40), 0, {1ull << 40}, {1})), HasSubstr("instead of"));
  EXPECT_THAT(of(tensor(storage("FloatStorage", "other", 4), 0, {1}, {1})),
              HasSubstr("'k' stands there twice or belongs"));
  EXPECT_THAT(refusal(legacy_file(s)), HasSubstr("no data for storage 'k'"));
  EXPECT_THAT(refusal(legacy_file(s, {"k"}, little(4, 8) + "short")), HasSubstr("is cut in storage 'k'"));
}

TEST_F(TorchRefusal, NumpyNumbersOfOtherKinds) {
  const auto of = [&](const std::string& type, const std::string& order, const std::string& bytes) {
    const std::string dtype =
        "cnumpy\ndtype\n" + tuple(text(type) + "\x89\x88") + "R" + tuple("K\3" + text(order)) + "b";
    return refusal(
        legacy_file("cnumpy._core.multiarray\nscalar\n" + tuple(dtype + "B" + little(bytes.size(), 4) + bytes) + "R"));
  };
  EXPECT_EQ(of("f4", "<", "abcd"), "");
  EXPECT_THAT(of("f8", ">", "abcdefgh"), HasSubstr("byte order '>'"));
  EXPECT_THAT(of("f8", "<", "abcd"), HasSubstr("wrong length"));
  EXPECT_THAT(of("O8", "<", "abcdefgh"), HasSubstr("type 'O8'"));
}

}  // namespace
}  // namespace dfpipe::detector
