#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "test_model.hpp"

// Small models that the fuzzers of the network importer begin with: network_seeds FOLDER
namespace dfpipe::tflite {
namespace {

using namespace testing;
using Bytes = std::vector<std::byte>;

std::vector<std::uint16_t> halves(std::int64_t count) {
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < bits.size(); ++i)
    bits[i] = static_cast<std::uint16_t>(0x2c00 + 37 * i % 0x800 + i % 2 * 0x8000);
  return bits;
}

/// A convolution with weights kept as halves.
int convolve(ModelFile& file, int from, const Shape& filter, const Shape& to, Padding padding, std::int64_t stride) {
  const int packed = file.halves(filter, halves(element_count(filter)));
  const int weights = file.add(Kind::dequantize, {packed}, file.computed(filter));
  const int bias = file.constant({filter[0]}, std::vector<float>(static_cast<std::size_t>(filter[0]), 0.25f));
  return file.add(Kind::conv_2d, {from, weights, bias}, file.computed(to), walk(padding, stride, stride));
}

/// Every kind of operator once.
Bytes all_kinds() {
  ModelFile file;
  const int input = file.computed({1, 8, 8, 3});
  const int first = convolve(file, input, {4, 3, 3, 3}, {1, 4, 4, 4}, Padding::same, 2);
  const int slope = file.constant({1, 1, 4}, {0.5f, 0.25f, 0, 1});
  const int bent = file.add(Kind::prelu, {first, slope}, file.computed({1, 4, 4, 4}));
  const int filter = file.constant({1, 3, 3, 4}, std::vector<float>(36, 0.1f));
  const int bias = file.constant({4}, std::vector<float>(4, -0.1f));
  const int each = file.add(Kind::depthwise_conv_2d, {bent, filter, bias}, file.computed({1, 4, 4, 4}),
                            depthwise_walk(Padding::same, 1, 1));
  const int sum = file.add(Kind::add, {each, bent}, file.computed({1, 4, 4, 4}));
  const int positive = file.add(Kind::relu, {sum}, file.computed({1, 4, 4, 4}));
  const int pooled =
      file.add(Kind::max_pool_2d, {positive}, file.computed({1, 2, 2, 4}), pool_walk(Padding::same, 2, 2, 2, 2));
  const int widths = file.integers({4, 2}, {0, 0, 0, 0, 0, 0, 0, 2});
  const int wide = file.add(Kind::pad, {pooled, widths}, file.computed({1, 2, 2, 6}));
  const int joined = file.add(Kind::concatenation, {pooled, wide}, file.computed({1, 2, 2, 10}), {{0, 3}});
  const int flat = file.add(Kind::reshape, {joined}, file.computed({1, 40}));
  file.inputs({input});
  file.outputs({file.add(Kind::logistic, {flat}, file.computed({1, 40}))});
  return file.bytes();
}

Bytes small_detector() {
  ModelFile file;
  const int input = file.computed({1, 16, 16, 3});
  const int cells = convolve(file, input, {56, 8, 8, 3}, {1, 2, 2, 56}, Padding::valid, 8);
  const int whole = convolve(file, input, {14, 16, 16, 3}, {1, 1, 1, 14}, Padding::valid, 1);
  file.inputs({input});
  file.outputs({file.add(Kind::reshape, {cells}, file.computed({1, 14, 16})),
                file.add(Kind::reshape, {whole}, file.computed({1, 14, 1}))});
  return file.bytes();
}

Bytes small_mesh() {
  ModelFile file;
  const int input = file.computed({1, 16, 16, 3});
  const int pooled =
      file.add(Kind::max_pool_2d, {input}, file.computed({1, 1, 1, 3}), pool_walk(Padding::valid, 16, 16, 16, 16));
  const int points = convolve(file, pooled, {1434, 1, 1, 3}, {1, 1, 1, 1434}, Padding::same, 1);
  const int presence = convolve(file, pooled, {1, 1, 1, 3}, {1, 1, 1, 1}, Padding::same, 1);
  file.inputs({input});
  file.outputs({points, presence});
  return file.bytes();
}

/// A zip archive of stored files. The checksums stay 0: fuzzed builds do not look at them.
Bytes archive(const std::map<std::string, Bytes>& members) {
  Bytes out, directory;
  const auto put = [](Bytes& to, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
  };
  const auto put_text = [](Bytes& to, const std::string& text) {
    for (const char c : text) to.push_back(static_cast<std::byte>(c));
  };
  const auto put_common = [&](Bytes& to, const std::string& name, std::size_t size) {
    for (const int field : {20, 0, 0, 0, 0}) put(to, static_cast<std::uint64_t>(field), 2);
    put(to, 0, 4);
    put(to, size, 4);
    put(to, size, 4);
    put(to, name.size(), 2);
    put(to, 0, 2);
  };
  for (const auto& [name, bytes] : members) {
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    put_common(directory, name, bytes.size());
    for (int field = 0; field < 5; ++field) put(directory, 0, 2);
    put(directory, out.size(), 4);
    put_text(directory, name);
    put(out, 0x04034b50, 4);
    put_common(out, name, bytes.size());
    put_text(out, name);
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  const std::size_t begin = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, members.size(), 2);
  put(out, members.size(), 2);
  put(out, directory.size(), 4);
  put(out, begin, 4);
  put(out, 0, 2);
  return out;
}

void write(const std::filesystem::path& file, const Bytes& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace
}  // namespace dfpipe::tflite

int main(int count, char** arguments) {
  using namespace dfpipe::tflite;
  if (count != 2) return 2;
  const std::filesystem::path corpus = arguments[1];
  write(corpus / "tflite/all_kinds.tflite", all_kinds());
  write(corpus / "tflite/detector.tflite", small_detector());
  write(corpus / "tflite/mesh.tflite", small_mesh());
  write(corpus / "landmarker/small.task",
        archive({{"face_detector.tflite", small_detector()}, {"face_landmarks_detector.tflite", small_mesh()}}));
  return 0;
}
