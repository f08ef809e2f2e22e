#include <gmock/gmock.h>

#include <thread>

#include "dfpipe/types/tensor.hpp"
#include "log_magnitude.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::spectrum {
namespace {

using namespace dfpipe::detector::testing;
using dfpipe::testing::NodeRunner;
using ::testing::HasSubstr;

at::Tensor spectrum_of(const at::Tensor& gray) {
  const at::Tensor plain = gray.contiguous();
  at::Tensor out = at::empty_like(plain);
  log_magnitude_spectrum(plain.data_ptr<float>(), plain.size(0), plain.size(1), out.data_ptr<float>());
  return out;
}

class SpectrumGolden : public ::testing::TestWithParam<const char*> {
 protected:
  std::map<std::string, at::Tensor> all = load_all(data / "spectrum.safetensors");
  const at::Tensor& of(const std::string& name) const { return all.at(std::string(GetParam()) + "." + name); }
};

TEST_P(SpectrumGolden, IsTheReferencesForAnySizeOddOnesToo) {
  const at::Tensor unit = spectrum_of(of("gray_float01"));
  EXPECT_TRUE(close(unit, of("spec_float01"), 5e-4));
  EXPECT_TRUE(close(unit, of("f64.spec_float01"), 5e-4));
  EXPECT_LT((unit.to(at::kDouble) - of("f64.spec_float01")).abs().mean().item<double>(), 1e-5);
  const at::Tensor bytes = spectrum_of(of("gray_cv_u8").to(at::kFloat));
  EXPECT_TRUE(close(bytes, of("spec_cv255"), 1e-3));
  EXPECT_LT((bytes - of("spec_cv255")).abs().mean().item<double>(), 5e-5);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SpectrumGolden, ::testing::Values("64x48", "37x51", "5x5", "1x7"));

/// The definition, term by term, in double.
at::Tensor by_definition(const at::Tensor& gray) {
  const std::int64_t h = gray.size(0), w = gray.size(1);
  const auto pixels = gray.to(at::kDouble);
  const double turn = 2 * 3.14159265358979323846;
  const auto waves = [&](std::int64_t n) {
    const at::Tensor k = at::arange(n, at::kDouble);
    return at::polar(at::ones({n, n}, at::kDouble), at::outer(k, k) * (-turn / static_cast<double>(n)));
  };
  const at::Tensor bins = at::matmul(at::matmul(waves(h), pixels.to(at::kComplexDouble)), waves(w));
  return at::log1p(bins.abs()).roll({h / 2, w / 2}, {0, 1});
}

TEST(Spectrum, AgreesWithTheDefinitionForSmallSizesOfEitherParity) {
  for (const auto& [h, w] : {std::pair{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 2}, {2, 3}, {4, 6}, {7, 4}, {4, 7}, {9, 9}}) {
    const at::Tensor gray = at::sin(at::arange(h * w, at::kFloat) * 1.7).view({h, w});
    EXPECT_TRUE(close(spectrum_of(gray), by_definition(gray), 1e-5)) << h << "x" << w;
  }
}

TEST(Spectrum, IsTheSameFromManyThreadsAtOnce) {
  const at::Tensor gray = at::sin(at::arange(61 * 47, at::kFloat)).view({61, 47});
  const at::Tensor wanted = spectrum_of(gray);
  std::vector<std::thread> threads;
  std::atomic<int> different{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        spectrum_of(at::ones({8 + i, 9 + t}));
        if (!at::equal(spectrum_of(gray), wanted)) ++different;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(different, 0);
}

TEST(Spectrum, KeepsTheLastPlansOnly) {
  const at::Tensor gray = at::sin(at::arange(64, at::kFloat)).view({8, 8});
  const at::Tensor first = spectrum_of(gray);
  for (std::int64_t i = 1; i <= 100; ++i) spectrum_of(at::ones({3, i}));
  EXPECT_EQ(kept_fft_plans<float>(), most_fft_plans);
  EXPECT_TRUE(at::equal(spectrum_of(gray), first)) << "a plan made again gives the same bytes";
}

TEST(Spectrum, RefusesEmptyPictures) {
  float value = 0;
  EXPECT_THROW(log_magnitude_spectrum(&value, 0, 4, &value), std::invalid_argument);
}

TEST(FftNode, GreyIsTheMeanOfTheChannelsOrTheirLuma) {
  const at::Tensor pixels = at::sin(at::arange(3 * 6 * 5, at::kFloat)).view({1, 3, 6, 5});
  NodeRunner fft("fft");
  const at::Tensor mean = fft.in("pixels", pixels).run().get<at::Tensor>("spectrum");
  EXPECT_TRUE(close(mean[0][0], spectrum_of(pixels[0].mean(0)), 1e-6));
  NodeRunner weighted("fft");
  weighted.set("grey", std::string("luma")).in("pixels", pixels);
  const at::Tensor luma = pixels[0][0] * 0.299 + pixels[0][1] * 0.587 + pixels[0][2] * 0.114;
  EXPECT_TRUE(close(weighted.run().get<at::Tensor>("spectrum")[0][0], spectrum_of(luma), 1e-5));
}

TEST(FftNode, APicturesSpectrumNeverDependsOnItsBatchNeighbours) {
  const at::Tensor batch = at::sin(at::arange(5 * 3 * 16 * 16, at::kFloat) * 0.37).view({5, 3, 16, 16});
  NodeRunner fft("fft");
  const at::Tensor together = fft.in("pixels", batch).run().get<at::Tensor>("spectrum");
  for (std::int64_t i = 0; i < 5; ++i) {
    const at::Tensor alone = fft.in("pixels", batch.narrow(0, i, 1)).run().get<at::Tensor>("spectrum");
    EXPECT_TRUE(at::equal(alone, together.narrow(0, i, 1))) << i;
  }
}

TEST(FftNode, RefusesTensorsThatAreNoPictures) {
  NodeRunner fft("fft");
  fft.in("pixels", at::zeros({3, 8, 8}));
  EXPECT_THAT(message_of([&] { fft.run(); }), HasSubstr("[B,3,H,W]"));
}

}  // namespace
}  // namespace dfpipe::spectrum
