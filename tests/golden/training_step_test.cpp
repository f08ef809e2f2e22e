#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "heads.hpp"
#include "pipelines/training_run.hpp"
#include "test_tensors.hpp"
#include "train_state.hpp"

namespace dfpipe::testing {
namespace {

using detector::testing::load_all;

/// "dora.base_model…" and "fft_branch…" of the reference, in the order of the optimizer; the near-zero gradients of
/// convolutions before a batch norm are left out: AdamW makes full steps of their rounding noise.
bool is_noise(const std::string& name) { return name == "fft_branch.0.bias" || name == "fft_branch.4.bias"; }

std::map<std::string, at::Tensor> weights_of(const fs::path& snapshot) {
  std::map<std::string, at::Tensor> all;
  for (const auto& [name, tensor] : load_all(snapshot / "dora/adapter_model.safetensors")) all["dora." + name] = tensor;
  for (const auto& [name, tensor] : detector::Heads::load(snapshot / "head_weights.pt", 32).parameters())
    all[name] = tensor;
  return all;
}

/// train.yaml on the original's training pictures, from its start, against its own step with the spectra in their
/// places (B1: the original gives each picture another one's spectrum; and B9: what is trained on is decoded, cut out
/// and preprocessed by the nodes of predict).
TEST(TrainingStep, IsTheOriginalsWithEachPictureNextToItsOwnSpectrum) {
  const TrainingFolder folder;
  std::vector<std::string> settings = without_augmentation();
  settings.insert(settings.end(), {"batch=8", "epochs=1", "detector.classifier_dropout=0"});
  const Finished f = folder.train("step", settings);
  ASSERT_EQ(f.exit_code, 0) << f.err;

  const Json expected = Json::parse(file_bytes("tests/data/training/original_step/expected.json"));
  const Json step = folder.metrics("step", "step").at(0);
  const auto near = [](const Json& got, const Json& want, double rtol) {
    EXPECT_NEAR(got.get<double>(), want.get<double>(), rtol * want.get<double>());
  };
  near(step.at("loss"), expected.at("loss").at("total"), 1e-5);
  near(step.at("supcon"), expected.at("loss").at("supcon"), 1e-5);
  near(step.at("ce"), expected.at("loss").at("ce"), 1e-5);
  near(step.at("grad_norm"), expected.at("grad_norm"), 1e-4);
  EXPECT_EQ(step.at("lr"), 2e-4);

  // The first moment is a tenth of the clipped gradient.
  const fs::path snapshot = folder.run("step") / "best";
  const auto reference = load_all("tests/data/training/original_step/expected.safetensors");
  const auto state = detector::TrainState::load(snapshot / "train_state.pt");
  const auto weights = weights_of(snapshot);
  const Json& order = expected.at("order");
  ASSERT_EQ(state.moments.size(), order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::string name = order[i];
    SCOPED_TRACE(name);
    const at::Tensor& gradient = reference.at("grad." + name);
    const double largest = gradient.abs().max().item<double>();
    if (is_noise(name)) continue;
    const double clip = 1 / (expected.at("grad_norm").get<double>() + 1e-6);
    const at::Tensor got = state.moments.at(static_cast<std::int64_t>(i)).exp_avg / (0.1 * clip);
    EXPECT_TRUE(detector::testing::close(got, gradient, 1e-2 * largest));
    const at::Tensor flat = weights.at(name).flatten(), slope = gradient.flatten();
    for (const auto& [at, value] : expected.at("after").at(name).items()) {
      const auto place = std::stoll(at);
      if (std::abs(slope[place].item<double>()) > 1e-2 * largest)
        EXPECT_NEAR(flat[place].item<double>(), value.get<double>(), 2e-6) << at;
    }
  }
  for (const char* const buffer : {"fft_branch.1.running_mean", "fft_branch.1.running_var", "fft_branch.5.running_mean",
                                   "fft_branch.5.running_var"})
    EXPECT_TRUE(detector::testing::close(weights.at(buffer), reference.at(std::string("after.") + buffer), 1e-5, 1e-5))
        << buffer;
}

}  // namespace
}  // namespace dfpipe::testing
