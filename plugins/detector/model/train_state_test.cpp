#include "train_state.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "error.hpp"
#include "test_tensors.hpp"
#include "torch_file_writer.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path training = data / "original_training";

TEST(TrainState, OfTheOriginalIsReadInFull) {
  const TrainState state = TrainState::load(training / "train_state.pt");
  const nlohmann::json expected = nlohmann::json::parse(read_bytes(training / "train_state_expected.json"));
  EXPECT_EQ(state.epoch, expected["epoch"]);
  EXPECT_EQ(state.best_val_auc, expected["best_val_auc"].get<double>());
  EXPECT_EQ(state.patience_counter, expected["patience_counter"]);

  const nlohmann::json& schedule = expected["scheduler"];
  EXPECT_EQ(state.schedule.t_0, schedule["T_0"].get<double>());
  EXPECT_EQ(state.schedule.t_i, schedule["T_i"].get<double>());
  EXPECT_EQ(state.schedule.t_mult, schedule["T_mult"].get<double>());
  EXPECT_EQ(state.schedule.t_cur, schedule["T_cur"].get<double>());
  EXPECT_EQ(state.schedule.eta_min, schedule["eta_min"].get<double>());
  EXPECT_EQ(state.schedule.last_epoch, schedule["last_epoch"]);
  EXPECT_EQ(state.schedule.base_lrs, schedule["base_lrs"].get<std::vector<double>>());
  EXPECT_EQ(state.schedule.last_lr, schedule["_last_lr"].get<std::vector<double>>());

  ASSERT_EQ(state.groups.size(), 1u);
  const ParameterGroup& group = state.groups.front();
  const nlohmann::json& wanted = expected["optimizer"]["param_groups"][0];
  EXPECT_EQ(group.lr, wanted["lr"].get<double>());
  EXPECT_EQ(group.initial_lr, wanted["initial_lr"].get<double>());
  EXPECT_EQ((std::vector{group.beta1, group.beta2}), wanted["betas"].get<std::vector<double>>());
  EXPECT_EQ(group.eps, wanted["eps"].get<double>());
  EXPECT_EQ(group.weight_decay, wanted["weight_decay"].get<double>());
  EXPECT_FALSE(group.amsgrad || group.maximize);
  EXPECT_EQ(group.params, wanted["params"].get<std::vector<std::int64_t>>());

  ASSERT_EQ(state.moments.size(), expected["optimizer"]["state"].size());
  for (const auto& [index, moments] : state.moments) {
    const nlohmann::json& of = expected["optimizer"]["state"][std::to_string(index)];
    EXPECT_EQ(moments.step, of["step"]["sum"].get<double>());
    for (const auto& [name, tensor] : {std::pair("exp_avg", moments.exp_avg), {"exp_avg_sq", moments.exp_avg_sq}}) {
      EXPECT_EQ(tensor.sizes().vec(), of[name]["tensor"].get<std::vector<std::int64_t>>()) << index << name;
      const double l2 = of[name]["l2"], sum = of[name]["sum"];
      EXPECT_NEAR(tensor.to(at::kDouble).norm().item<double>(), l2, 1e-9 * l2) << index << name;
      EXPECT_NEAR(tensor.to(at::kDouble).sum().item<double>(), sum, 1e-9 * (l2 + std::abs(sum))) << index << name;
    }
  }
}

/// A state with one parameter, some of its entries written by `instead`.
class TrainStateFile : public ::testing::Test {
 protected:
  using Write = std::function<void(TorchFileWriter&)>;

  std::string refusal(const std::string& name, const Write& instead) {
    const auto file = scratch_.path() / "train_state.pt";
    TorchFileWriter out;
    const auto entry = [&](const std::string& key, const Write& write) {
      if (key == name && !instead) return;
      out.text(key);
      (key == name ? instead : write)(out);
    };
    const auto dict = [](const Write& fill) {
      return [=](TorchFileWriter& to) {
        to.begin_dict();
        fill(to);
        to.end_dict();
      };
    };
    const auto list = [](const Write& fill) {
      return [=](TorchFileWriter& to) {
        to.begin_list();
        fill(to);
        to.end_list();
      };
    };
    const auto number = [](double n) { return [=](TorchFileWriter& to) { to.number(n); }; };
    const auto whole = [](std::int64_t n) { return [=](TorchFileWriter& to) { to.integer(n); }; };
    const auto ones = [](TorchFileWriter& to) { to.tensor(at::ones({2})); };
    const Write moments = dict([&](auto&) {
      entry("step", whole(3));
      entry("exp_avg", ones);
      entry("exp_avg_sq", ones);
    });
    const Write group = dict([&](auto&) {
      for (const char* const key : {"lr", "eps", "weight_decay"}) entry(key, number(0.5));
      entry("betas", list([&](auto& to) {
              to.number(0.9);
              to.number(0.99);
            }));
      entry("amsgrad", [](auto& to) { to.truth(false); });
      entry("params", list(whole(7)));
    });
    const Write schedule = dict([&](auto&) {
      for (const char* const key : {"T_0", "T_i", "T_mult", "T_cur", "eta_min"}) entry(key, number(1));
      entry("last_epoch", whole(2));
      for (const char* const key : {"base_lrs", "_last_lr"}) entry(key, list(number(0.1)));
    });
    dict([&](auto&) {
      entry("optimizer", dict([&](auto&) {
              entry("state", dict([&](TorchFileWriter& to) {
                      to.integer(7);
                      moments(to);
                    }));
              entry("param_groups", list(group));
            }));
      entry("scheduler", schedule);
      entry("epoch", whole(4));
      entry("best_val_auc", number(0.75));
      entry("patience_counter", whole(1));
    })(out);
    out.publish(file);
    return message_of([&] { state_ = TrainState::load(file); });
  }

  TrainState state_;
  ScratchFolder scratch_;
};

TEST_F(TrainStateFile, WithoutWhatOtherVersionsAddIsEnough) {
  EXPECT_EQ(refusal("", {}), "");
  EXPECT_EQ(state_.moments.at(7).step, 3);
  EXPECT_EQ(state_.groups.at(0).initial_lr, 0.5);
  EXPECT_EQ(state_.best_val_auc, 0.75);
}

TEST_F(TrainStateFile, SaysWhereItIsWrong) {
  EXPECT_THAT(refusal("epoch", {}), HasSubstr("train_state.pt has no 'epoch'"));
  EXPECT_THAT(refusal("exp_avg", {}), HasSubstr("optimizer.state.7 has no 'exp_avg'"));
  EXPECT_THAT(refusal("exp_avg", [](auto& to) { to.tensor(at::ones({3})); }), HasSubstr("exp_avg is 3, exp_avg_sq 2"));
  EXPECT_THAT(refusal("exp_avg", [](auto& to) { to.tensor(at::full({2}, INFINITY)); }), HasSubstr("not finite"));
  EXPECT_THAT(refusal("exp_avg", [](auto& to) { to.tensor(at::ones({2}, at::kLong)); }), HasSubstr("wrong dtype"));
  EXPECT_THAT(refusal("step", [](auto& to) { to.tensor(at::ones({2})); }),
              HasSubstr("state.7.step is no single number"));
  EXPECT_THAT(refusal("lr", [](auto& to) { to.text("much"); }),
              HasSubstr("param_groups.0.lr must be a number, but is a text"));
  EXPECT_THAT(refusal("lr", [](auto& to) { to.number(NAN); }), HasSubstr("param_groups.0.lr is not finite"));
  EXPECT_THAT(refusal("betas", [](auto& to) { to.none(); }), HasSubstr("betas must be a list, but is None"));
  EXPECT_THAT(refusal("params",
                      [](auto& to) {
                        to.begin_list();
                        to.integer(8);
                        to.end_list();
                      }),
              HasSubstr("optimizer.state.7 belongs to no parameter"));
  EXPECT_THAT(refusal("scheduler", [](auto& to) { to.integer(1); }), HasSubstr("scheduler must be a dictionary"));
  EXPECT_THAT(message_of([] { TrainState::load(training / "head_weights.pt"); }), HasSubstr("has no 'optimizer'"));
}

}  // namespace
}  // namespace dfpipe::detector
