#include "losses.hpp"

#include <algorithm>
#include <cctype>

#include "test_tensors.hpp"

/// Against the published code of the paper, PyTorch's cross entropy and the original's combination of both.
namespace dfpipe::training {
namespace {

using detector::testing::close;
using detector::testing::load_all;

const std::filesystem::path data = "tests/data/training";

/// The published averaging: over all anchors, nothing added.
SupCon published(double temperature, double base_temperature) {
  return {temperature, base_temperature, Averaging::all_anchors, 0};
}

at::Tensor normalised(const at::Tensor& raw) {
  return raw / at::linalg_vector_norm(raw, 2, at::IntArrayRef{-1}, true).clamp_min(1e-12);
}

/// [N,V,D] as rows, view by view.
at::Tensor view_major(const at::Tensor& raw) { return at::cat(raw.unbind(1), 0); }

struct Case {
  std::string name;
  double temperature, base_temperature;
};

std::vector<Case> published_cases() {
  std::vector<Case> cases;
  for (const char* const name :
       {"balanced", "imbalanced", "singleton_class", "one_fake_only", "all_same", "all_distinct", "batch_two_same",
        "batch_two_diff", "identical_embeddings", "collinear_hard", "two_views"})
    cases.push_back({name, 0.07, 0.07});
  cases.push_back({"temp_0.1_base_0.07", 0.1, 0.07});
  cases.push_back({"temp_0.5_base_0.5", 0.5, 0.5});
  return cases;
}

void check_published(const std::string& precision, at::ScalarType dtype, double loss_rtol, double grad_rtol) {
  const auto all = load_all(data / "supcon.safetensors");
  for (const Case& c : published_cases()) {
    SCOPED_TRACE(c.name);
    const at::Tensor raw = all.at(c.name + ".raw").to(dtype).clone().requires_grad_(true);
    const at::Tensor rows = view_major(normalised(raw));
    const at::Tensor labels = all.at(c.name + ".labels").repeat({raw.size(1)});
    const at::Tensor loss = published(c.temperature, c.base_temperature)(rows, labels);
    EXPECT_TRUE(close(loss, all.at(c.name + precision + ".loss"), 1e-12, loss_rtol));
    loss.backward();
    const at::Tensor& expected = all.at(c.name + precision + ".grad.raw");
    EXPECT_TRUE(close(raw.grad(), expected, grad_rtol * expected.abs().max().item<double>() + 1e-7 * grad_rtol / 1e-4));
  }
}

TEST(SupCon, IsThePublishedLossAndGradient) { check_published("", at::kFloat, 1e-5, 1e-4); }

TEST(SupCon, IsThePublishedLossAndGradientInDouble) { check_published(".f64", at::kDouble, 1e-10, 1e-10); }

TEST(SupCon, OfOnePictureCostsNothingWhereThePublishedCodeGivesNan) {
  const auto all = load_all(data / "supcon.safetensors");
  const at::Tensor raw = all.at("batch_one.raw").clone().requires_grad_(true);
  const at::Tensor loss = SupCon()(view_major(normalised(raw)), all.at("batch_one.labels"));
  EXPECT_EQ(loss.item<float>(), 0);
  loss.backward();
  EXPECT_EQ(raw.grad().abs().max().item<float>(), 0);
}

TEST(SupCon, TheOriginalAveragesOverAnchorsWithAPositive) {
  const auto all = load_all(data / "supcon.safetensors");
  const at::Tensor rows = view_major(normalised(all.at("one_fake_only.raw")));
  const at::Tensor labels = all.at("one_fake_only.labels");
  const double published_loss = all.at("one_fake_only.loss").item<double>();
  EXPECT_NEAR(SupCon()(rows, labels).item<double>(), published_loss * 12 / 11, 1e-3);  // but for its 1e-8
}

TEST(SmoothedCrossEntropy, IsPyTorchs) {
  const auto all = load_all(data / "cross_entropy.safetensors");
  for (const auto& [name, smoothing] : std::map<std::string, double>{
           {"binary_ls0.1", 0.1}, {"binary_ls0", 0.0}, {"three_ls0.1", 0.1}, {"extreme_ls0.1", 0.1}}) {
    SCOPED_TRACE(name);
    const at::Tensor logits = all.at(name + ".logits").clone().requires_grad_(true);
    const at::Tensor loss = smoothed_cross_entropy(logits, all.at(name + ".labels"), smoothing);
    EXPECT_TRUE(close(loss, all.at(name + ".loss"), 0, 1e-5));
    loss.backward();
    const at::Tensor& expected = all.at(name + ".grad.logits");
    EXPECT_TRUE(close(logits.grad(), expected, 1e-4 * expected.abs().max().item<double>() + 1e-7));
  }
}

TEST(CombinedLoss, IsTheOriginalsMixture) {
  const auto all = load_all(data / "combined.safetensors");
  for (const std::string name : {"balanced", "one_fake_only"}) {
    SCOPED_TRACE(name);
    const at::Tensor raw = all.at(name + ".raw").clone().requires_grad_(true);
    const at::Tensor logits = all.at(name + ".logits").clone().requires_grad_(true);
    const at::Tensor labels = all.at(name + ".labels");
    const at::Tensor loss =
        published(0.07, 0.07)(normalised(raw), labels) * 0.7 + smoothed_cross_entropy(logits, labels, 0.1) * 0.3;
    EXPECT_TRUE(close(loss, all.at(name + ".loss"), 0, 1e-5));
    loss.backward();
    for (const auto& [got, what] : {std::pair{raw.grad(), ".grad.raw"}, std::pair{logits.grad(), ".grad.logits"}}) {
      const at::Tensor& expected = all.at(name + what);
      EXPECT_TRUE(close(got, expected, 1e-4 * expected.abs().max().item<double>() + 1e-7)) << what;
    }
  }
}

}  // namespace
}  // namespace dfpipe::training
