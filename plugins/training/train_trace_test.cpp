#include <ATen/ATen.h>

#include "adamw.hpp"
#include "adapters.hpp"
#include "losses.hpp"
#include "schedule.hpp"
#include "test_tensors.hpp"

namespace dfpipe::training {
namespace {

using detector::testing::close;
using detector::testing::load_all;

/// Eight steps of a CLIP with DoRA adapters, a linear classifier and a linear projection, as transformers, PEFT, the
/// published SupCon and PyTorch trained it.
class TrainTrace : public ::testing::Test {
 protected:
  TrainTrace() : clip_(detector::ClipVision::load(detector::testing::data / "clip/tiny")) {
    detector::load_adapters(clip_, detector::testing::data / "dora");
    for (auto& layer : clip_.layers())
      for (detector::Linear* linear : {&layer.q, &layer.k, &layer.v, &layer.out}) linear->adapter->dropout = 0;
    adapters_ = detector::adapter_parameters(clip_);
    for (auto& [name, tensor] : adapters_) named_.emplace_back(name, tensor.requires_grad_(true));
    for (const char* const name :
         {"head.classifier.weight", "head.classifier.bias", "head.projection.weight", "head.projection.bias"}) {
      head_[name] = all_.at(std::string("init.") + name).clone().requires_grad_(true);
      named_.emplace_back(name, head_[name]);
    }
  }

  at::Tensor linear(const at::Tensor& x, const std::string& part) const {
    return at::linear(x, head_.at("head." + part + ".weight"), head_.at("head." + part + ".bias"));
  }

  const std::map<std::string, at::Tensor> all_ = load_all("tests/data/training/train_trace.safetensors");
  detector::ClipVision clip_;
  std::map<std::string, at::Tensor> adapters_, head_;
  std::vector<std::pair<std::string, at::Tensor>> named_;
};

TEST_F(TrainTrace, LossesNormsRatesAndWeightsFollowTheReference) {
  std::vector<at::Tensor> parameters, start;
  for (const auto& [name, tensor] : named_) {
    parameters.push_back(tensor);
    start.push_back(tensor.detach().clone());
  }
  AdamW optimizer(parameters, {});
  const SupCon supcon{0.07, 0.07, Averaging::all_anchors, 0};
  for (std::int64_t t = 0; t < 8; ++t) {
    SCOPED_TRACE(t);
    const at::Tensor features = clip_.forward(all_.at("pixel_values")[t]).pooled, labels = all_.at("labels")[t];
    const at::Tensor raw = linear(features, "projection");
    const at::Tensor z = raw / at::linalg_vector_norm(raw, 2, at::IntArrayRef{1}, true).clamp_min(1e-12);
    const at::Tensor contrast = supcon(z, labels),
                     ce = smoothed_cross_entropy(linear(features, "classifier"), labels, 0.1);
    const at::Tensor loss = contrast * 0.7 + ce * 0.3;
    loss.backward();
    const double norm = scale_gradients(parameters, 1), rate = WarmRestarts().rate(static_cast<double>(t));
    const at::Tensor expected = all_.at("trace")[t];
    EXPECT_TRUE(close(at::stack({loss, contrast, ce}), expected.slice(0, 0, 3), 0, 1e-4));
    EXPECT_NEAR(norm, expected[3].item<double>(), 1e-3 * norm);
    EXPECT_NEAR(rate, expected[4].item<double>(), 1e-12);
    clip_gradients(parameters, norm, 1);
    optimizer.step(rate);
    optimizer.drop_gradients();
  }
  for (std::size_t i = 0; i < named_.size(); ++i) {
    const at::Tensor& expected = all_.at("final." + named_[i].first);
    const double moved = (expected - start[i]).abs().max().item<double>();
    EXPECT_TRUE(close(named_[i].second, expected, 0.02 * moved)) << named_[i].first;
  }
  const at::NoGradGuard constant;
  const at::Tensor pooled = clip_.forward(all_.at("pixel_values")[0]).pooled;
  EXPECT_TRUE(close(linear(pooled, "classifier"), all_.at("final.logits"), 1e-3));
}

}  // namespace
}  // namespace dfpipe::training
