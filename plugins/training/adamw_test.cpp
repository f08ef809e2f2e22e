#include "adamw.hpp"

#include <cmath>

#include "loss_scaler.hpp"
#include "schedule.hpp"
#include "test_tensors.hpp"

/// Against torch.optim.AdamW, clip_grad_norm_ and CosineAnnealingWarmRestarts of PyTorch 1.13.
namespace dfpipe::training {
namespace {

using detector::testing::close;
using detector::testing::load_all;

const std::filesystem::path data = "tests/data/training";

/// mean(((x Wᵀ) m + b - y)²) times a factor, and what the reference did with it.
struct Problem {
  explicit Problem(const std::string& file, const std::string& prefix = "", at::ScalarType dtype = at::kFloat)
      : all(load_all(data / file)), prefix(prefix) {
    for (const char* const name : {"W", "b", "m"})
      parameters.push_back(all.at(std::string("init.") + name).to(dtype).clone().requires_grad_(true));
    x = all.at("X").to(dtype);
    y = all.at("Y").to(dtype);
  }
  at::Tensor loss(const at::Tensor& x_rows, const at::Tensor& y_rows, std::int64_t t) const {
    const at::Tensor out = at::matmul(x_rows, parameters[0].t()) * parameters[2] + parameters[1] - y_rows;
    return out.square().mean() * all.at("loss_scale")[t].to(out.scalar_type());
  }
  const at::Tensor& expected(const std::string& what, std::int64_t t, const char* name) const {
    return all.at(prefix + what + "." + std::to_string(t) + "." + name);
  }

  std::map<std::string, at::Tensor> all;
  std::string prefix;
  std::vector<at::Tensor> parameters;
  at::Tensor x, y;
};

constexpr const char* names[] = {"W", "b", "m"};

/// In single precision the reference kept no start of its own (its `init` is where that run ended, and where the one in
/// double began): the run is taken up behind its first step.
AdamW taken_up(Problem& problem, double weight_decay) {
  for (std::size_t i = 0; i < 3; ++i)
    problem.parameters[i] = problem.expected("param", 0, names[i]).clone().requires_grad_(true);
  AdamW optimizer(problem.parameters, {.weight_decay = weight_decay});
  for (std::size_t i = 0; i < 3; ++i)
    optimizer.moments()[i] = {1, problem.expected("exp_avg", 0, names[i]).clone(),
                              problem.expected("exp_avg_sq", 0, names[i]).clone()};
  return optimizer;
}

TEST(AdamW, FollowsPyTorchFromTheSameGradients) {
  Problem problem("adamw_trace.safetensors");
  AdamW optimizer = taken_up(problem, 0.01);
  for (std::int64_t t = 1; t < 12; ++t) {
    SCOPED_TRACE(t);
    for (std::size_t i = 0; i < 3; ++i)
      problem.parameters[i].mutable_grad() = problem.expected("grad", t, names[i]).clone();
    const double norm = scale_gradients(problem.parameters, 1);
    EXPECT_NEAR(norm, problem.all.at("grad_norm")[t].item<double>(), 1e-6 * norm);
    clip_gradients(problem.parameters, norm, 1);
    optimizer.step(problem.all.at("lr_used")[t].item<double>());
    optimizer.drop_gradients();
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(close(problem.parameters[i], problem.expected("param", t, names[i]), 1e-7, 1e-6));
      EXPECT_TRUE(close(optimizer.moments()[i].exp_avg, problem.expected("exp_avg", t, names[i]), 1e-7, 1e-5));
      EXPECT_TRUE(close(optimizer.moments()[i].exp_avg_sq, problem.expected("exp_avg_sq", t, names[i]), 1e-7, 1e-5));
    }
  }
}

TEST(AdamW, FollowsPyTorchInDoubleEndToEnd) {
  Problem problem("adamw_trace.safetensors", "f64.", at::kDouble);
  AdamW optimizer(problem.parameters, {.weight_decay = 0.01});
  const WarmRestarts schedule;
  for (std::int64_t t = 0; t < 12; ++t) {
    problem.loss(problem.x, problem.y, t).backward();
    clip_gradients(problem.parameters, scale_gradients(problem.parameters, 1), 1);
    optimizer.step(schedule.rate(static_cast<double>(t)));
    optimizer.drop_gradients();
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_TRUE(close(problem.parameters[i], problem.expected("param", t, names[i]), 1e-12)) << t << names[i];
  }
}

TEST(AdamW, GradientsOfSeveralBatchesMakeOneStep) {
  Problem problem("adamw_trace_accumulated.safetensors");
  AdamW optimizer = taken_up(problem, 0.1);
  for (std::int64_t t = 1; t < 12; ++t) {
    for (std::int64_t c = 0; c < 4; ++c)
      problem.loss(problem.x.slice(0, c, {}, 4), problem.y.slice(0, c, {}, 4), t).backward();
    const double norm = scale_gradients(problem.parameters, 1.0 / 4);
    EXPECT_NEAR(norm, problem.all.at("grad_norm")[t].item<double>(), 1e-4 * norm);
    clip_gradients(problem.parameters, norm, 1);
    optimizer.step(problem.all.at("lr_used")[t].item<double>());
    optimizer.drop_gradients();
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_TRUE(close(problem.parameters[i], problem.expected("param", t, names[i]), 1e-5, 1e-5)) << t << names[i];
  }
}

TEST(AdamW, LeavesWhatHasNoGradient) {
  const std::vector<at::Tensor> parameters{at::ones({3}).requires_grad_(true), at::ones({3}).requires_grad_(true)};
  AdamW optimizer(parameters, {});
  parameters[0].sum().backward();
  optimizer.step(0.1);
  EXPECT_LT(parameters[0][0].item<float>(), 1);
  EXPECT_EQ(parameters[1][0].item<float>(), 1);
  EXPECT_FALSE(optimizer.moments()[1].exp_avg.defined());
}

TEST(WarmRestarts, AreThoseOfPyTorch) {
  const auto all = load_all(data / "schedules.safetensors");
  const std::map<std::string, WarmRestarts> cases{{"T0_5", {}},
                                                  {"T0_1", {.t_0 = 1}},
                                                  {"T0_3_eta0", {.base = 1e-3, .eta_min = 0, .t_0 = 3}},
                                                  {"T0_5_Tmult_2", {.t_mult = 2}},
                                                  {"resume_T0_5", {}}};
  for (const auto& [name, schedule] : cases) {
    SCOPED_TRACE(name);
    const at::Tensor rates = all.at(name + ".lr"), states = all.at(name + ".state");
    for (std::int64_t step = 0; step < rates.size(0); ++step) {
      const double epoch = states[step][2].item<double>();  // last_epoch
      EXPECT_NEAR(schedule.rate(epoch), rates[step].item<double>(), 1e-12 * rates[step].item<double>()) << step;
      EXPECT_EQ(schedule.place(epoch).t_cur, states[step][0].item<double>());
      EXPECT_EQ(schedule.place(epoch).t_i, states[step][1].item<double>());
    }
  }
}

TEST(WarmRestarts, TheOriginalsFirstSixEpochs) {
  const double expected[] = {2.000e-4, 1.810e-4, 1.312e-4, 6.975e-5, 2.000e-5, 2.000e-4};
  for (int epoch = 0; epoch < 6; ++epoch) EXPECT_NEAR(WarmRestarts().rate(epoch), expected[epoch], 6e-8) << epoch;
}

TEST(WarmUp, RisesAndThenLeavesTheRateAlone) {
  EXPECT_EQ(warm_up(0, 0), 1);
  EXPECT_EQ(warm_up(0, 4), 0.2);
  EXPECT_EQ(warm_up(3, 4), 0.8);
  EXPECT_EQ(warm_up(4, 4), 1);
}

TEST(LossScaler, HalvesOnOverflowAndDoublesAfterManyGoodSteps) {
  LossScaler scaler{.on = true};
  scaler.saw(false);
  EXPECT_EQ(scaler.scale, 32768);
  for (int i = 0; i < LossScaler::interval; ++i) scaler.saw(true);
  EXPECT_EQ(scaler.scale, 65536);
  EXPECT_EQ(LossScaler().factor(), 1);
}

}  // namespace
}  // namespace dfpipe::training
