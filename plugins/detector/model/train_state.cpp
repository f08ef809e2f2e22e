#include "train_state.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <set>

#include "checkpoint.hpp"
#include "error.hpp"
#include "torch_file.hpp"
#include "torch_file_writer.hpp"

namespace dfpipe::detector {
namespace {

double finite(const Place& place) {
  const double number = place.number();
  if (!std::isfinite(number)) throw ModelError(place.where() + " is not finite");
  return number;
}

std::vector<double> numbers(const Place& place) {
  std::vector<double> all;
  for (const Place& item : place.items()) all.push_back(finite(item));
  return all;
}

at::Tensor moment(const TorchFile& file, const Place& place) {
  at::Tensor tensor = file.load(place.tensor());
  if (!tensor.is_floating_point()) throw ModelError(place.where() + " has the wrong dtype");
  require_finite(tensor, place.where());
  return tensor;
}

AdamMoments read_moments(const TorchFile& file, const Place& place) {
  AdamMoments moments;
  if (const Place step = place["step"]; step.is_tensor()) {  // a plain number before PyTorch 1.12
    const at::Tensor tensor = moment(file, step);
    if (tensor.numel() != 1) throw ModelError(step.where() + " is no single number");
    moments.step = tensor.item<double>();
  } else {
    moments.step = finite(step);
  }
  moments.exp_avg = moment(file, place["exp_avg"]);
  moments.exp_avg_sq = moment(file, place["exp_avg_sq"]);
  if (moments.exp_avg.sizes() != moments.exp_avg_sq.sizes())
    throw ModelError(place.where() + ": exp_avg is " + shape_text(moments.exp_avg.sizes()) + ", exp_avg_sq " +
                     shape_text(moments.exp_avg_sq.sizes()));
  return moments;
}

ParameterGroup read_group(const Place& place) {
  ParameterGroup group;
  group.lr = finite(place["lr"]);
  group.initial_lr = place.find("initial_lr") ? finite(place["initial_lr"]) : group.lr;
  const std::vector<double> betas = numbers(place["betas"]);
  if (betas.size() != 2) throw ModelError(place["betas"].where() + " must be two numbers");
  group.beta1 = betas[0];
  group.beta2 = betas[1];
  group.eps = finite(place["eps"]);
  group.weight_decay = finite(place["weight_decay"]);
  group.amsgrad = place["amsgrad"].truth();
  group.maximize = place.find("maximize") && place["maximize"].truth();
  for (const Place& number : place["params"].items()) group.params.push_back(number.integer());
  return group;
}

WarmRestarts read_schedule(const Place& place) {
  WarmRestarts schedule;
  schedule.t_0 = finite(place["T_0"]);
  schedule.t_i = finite(place["T_i"]);
  schedule.t_mult = finite(place["T_mult"]);
  schedule.t_cur = finite(place["T_cur"]);
  schedule.eta_min = finite(place["eta_min"]);
  schedule.last_epoch = place["last_epoch"].integer();
  schedule.base_lrs = numbers(place["base_lrs"]);
  schedule.last_lr = numbers(place["_last_lr"]);
  return schedule;
}

}  // namespace

TrainState TrainState::load(const std::filesystem::path& path) {
  const TorchFile file(path);
  const Place root = file.root();
  TrainState state;
  std::set<std::int64_t> params;
  for (const Place& group : root["optimizer"]["param_groups"].items()) {
    state.groups.push_back(read_group(group));
    for (const std::int64_t number : state.groups.back().params)
      if (!params.insert(number).second)
        throw ModelError(group.where() + ": parameter " + std::to_string(number) + " stands there twice");
  }
  const Place moments = root["optimizer"]["state"];
  for (const auto& [key, value] : moments.dict()) {
    const auto* const number = std::get_if<std::int64_t>(&key);
    if (number == nullptr || !params.contains(*number))
      throw ModelError(moments[key].where() + " belongs to no parameter of the groups");
    state.moments.emplace(*number, read_moments(file, moments[key]));
  }
  state.schedule = read_schedule(root["scheduler"]);
  state.epoch = root["epoch"].integer();
  state.best_val_auc = finite(root["best_val_auc"]);
  state.patience_counter = root["patience_counter"].integer();
  return state;
}

namespace {

/// The calls of a TorchFileWriter for one dictionary with text keys.
class DictWriter {
 public:
  explicit DictWriter(TorchFileWriter& out) : out_(out) { out_.begin_dict(); }
  ~DictWriter() { out_.end_dict(); }
  DictWriter(const DictWriter&) = delete;
  DictWriter& operator=(const DictWriter&) = delete;

  void number(const char* key, double value) { (out_.text(key), out_.number(value)); }
  void integer(const char* key, std::int64_t value) { (out_.text(key), out_.integer(value)); }
  void truth(const char* key, bool value) { (out_.text(key), out_.truth(value)); }
  void none(const char* key) { (out_.text(key), out_.none()); }
  void tensor(const char* key, const at::Tensor& value) { (out_.text(key), out_.tensor(value)); }
  void numbers(const char* key, const std::vector<double>& all) {
    out_.text(key);
    out_.begin_list();
    for (const double value : all) out_.number(value);
    out_.end_list();
  }

 private:
  TorchFileWriter& out_;
};

void write_group(TorchFileWriter& out, const ParameterGroup& group) {
  DictWriter dict(out);
  dict.number("lr", group.lr);
  dict.numbers("betas", {group.beta1, group.beta2});
  dict.number("eps", group.eps);
  dict.number("weight_decay", group.weight_decay);
  dict.truth("amsgrad", group.amsgrad);
  dict.none("foreach");
  dict.truth("maximize", group.maximize);
  dict.truth("capturable", false);
  dict.number("initial_lr", group.initial_lr);
  out.text("params");
  out.begin_list();
  for (const std::int64_t number : group.params) out.integer(number);
  out.end_list();
}

void write_optimizer(TorchFileWriter& out, const TrainState& state) {
  const DictWriter dict(out);
  out.text("state");
  out.begin_dict();
  for (const auto& [number, moments] : state.moments) {
    out.integer(number);
    DictWriter entry(out);
    entry.tensor("step", at::scalar_tensor(moments.step, at::kFloat));
    entry.tensor("exp_avg", moments.exp_avg);
    entry.tensor("exp_avg_sq", moments.exp_avg_sq);
  }
  out.end_dict();
  out.text("param_groups");
  out.begin_list();
  for (const ParameterGroup& group : state.groups) write_group(out, group);
  out.end_list();
}

/// PyTorch counts periods and their factor in whole numbers.
void write_schedule(TorchFileWriter& out, const WarmRestarts& schedule) {
  DictWriter dict(out);
  dict.integer("T_0", static_cast<std::int64_t>(schedule.t_0));
  dict.integer("T_i", static_cast<std::int64_t>(schedule.t_i));
  dict.integer("T_mult", static_cast<std::int64_t>(schedule.t_mult));
  dict.number("eta_min", schedule.eta_min);
  dict.number("T_cur", schedule.t_cur);
  dict.numbers("base_lrs", schedule.base_lrs);
  dict.integer("last_epoch", schedule.last_epoch);
  dict.integer("_step_count", 0);
  dict.truth("verbose", false);
  dict.truth("_get_lr_called_within_step", false);
  dict.numbers("_last_lr", schedule.last_lr);
}

}  // namespace

void TrainState::save(const std::filesystem::path& file) const {
  TorchFileWriter out;
  {
    DictWriter root(out);
    out.text("optimizer");
    write_optimizer(out, *this);
    out.text("scheduler");
    write_schedule(out, schedule);
    root.integer("epoch", epoch);
    root.number("best_val_auc", best_val_auc);
    root.integer("patience_counter", patience_counter);
  }
  out.publish(file);
}

}  // namespace dfpipe::detector
