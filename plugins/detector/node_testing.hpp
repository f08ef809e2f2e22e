#pragma once

#include "dfpipe/types/tensor.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

/// The detector's nodes on the original detector's model and numbers.
namespace dfpipe::detector::testing {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;

inline NodeRunner node(const std::string& type, const std::filesystem::path& model = data / "original") {
  NodeRunner runner(type);
  runner.use("detector", "detector", {{"model", model}});
  return runner;
}

/// One picture of the original detector, with all that it computed.
struct Original {
  std::map<std::string, at::Tensor> all = load_all(data / "original_expected.safetensors");

  /// [1,3,224,224]: the processor's crop through its table of normalised values.
  at::Tensor pixels() const {
    std::vector<at::Tensor> channels;
    for (std::int64_t c = 0; c < 3; ++c)
      channels.push_back(
          all.at("lut").select(0, c).index_select(0, of("crop_u8").select(0, c).flatten().to(at::kLong)));
    return at::stack(channels).view({1, 3, 224, 224});
  }
  const at::Tensor& of(const std::string& name) const { return all.at("tiny." + name); }
};

inline at::Tensor run_clip(const at::Tensor& pixels) {
  NodeRunner clip = node("clip-dora");
  return clip.wanted("attentions", false).in("pixels", pixels).run().get<at::Tensor>("embedding");
}

inline at::Tensor run_spectrum(const at::Tensor& spectrum) {
  NodeRunner cnn = node("spectrum-cnn");
  return cnn.in("spectrum", spectrum).run().get<at::Tensor>("embedding");
}

inline Outputs run_heads(const at::Tensor& clip, const at::Tensor& spectrum) {
  NodeRunner fuse = node("fusion-head");
  return fuse.in("clip", clip).in("spectrum", spectrum).run();
}

inline at::Tensor run_fft(const at::Tensor& pixels) {
  NodeRunner fft("fft");
  return fft.in("pixels", pixels).run().get<at::Tensor>("spectrum");
}

}  // namespace dfpipe::detector::testing
