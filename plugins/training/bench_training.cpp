#include <ATen/ATen.h>
#include <omp.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include "adapters.hpp"
#include "device.hpp"
#include "dfpipe/command.hpp"
#include "dfpipe/error.hpp"
#include "initial_weights.hpp"
#include "large_blocks.hpp"
#include "learner.hpp"
#include "losses.hpp"
#include "nodes.hpp"
#include "process_memory.hpp"
#include "threads.hpp"
#include "torch_compat.hpp"
#include "training_start.hpp"

namespace dfpipe::training {
namespace {

using Clock = std::chrono::steady_clock;
using detector::TrainableModel;

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

/// A ViT-L/14 for pictures of 224 pixels (Radford et al. 2021) with random weights and new heads.
std::unique_ptr<TrainableModel> random_vit_l14(std::optional<detector::AdapterConfig> adapters, std::int64_t projection,
                                               at::Device device, at::ScalarType precision) {
  detector::ClipConfig config;
  config.hidden_size = 1024;
  config.intermediate_size = 4096;
  config.num_hidden_layers = 24;
  config.num_attention_heads = 16;
  config.patch_size = 14;
  detector::ClipVision clip(config);
  detector::start_clip(clip, 1);
  if (adapters) detector::add_adapters(clip, *adapters, 1);
  detector::Heads heads(config.hidden_size);
  detector::start_heads(heads, 1);
  detector::start_projection(heads, projection, 1);
  return std::make_unique<TrainableModel>(std::move(clip), std::move(heads), std::move(adapters), device, precision);
}

/// Measures a training step on random pictures: where its time goes and what its memory is made of.
///
/// "kept for the backward pass" is by how much the process grew in the first forward pass; "the rest" is what the parts
/// do not explain, temporaries of the backward pass above all.
class BenchTraining final : public Command {
  struct Params : ParamSet {
    const std::string& model =
        text("model", "vit-l-14", {.about = "a model or CLIP folder, or vit-l-14: that shape, random weights"});
    const std::string& train =
        choice("train", "adapters", {.about = "what learns besides the heads", .choices = {"adapters", "all"}});
    const std::string& precision =
        choice("precision", "fp32",
               {.about = "of the CLIP forward and backward pass", .choices = {"auto", "fp32", "bf16", "fp16"}});
    const std::int64_t& batch = integer("batch", 8, {.about = "pictures a step", .min = 2, .max = 4096});
    const std::int64_t& steps =
        integer("steps", 3, {.about = "how many are measured, after one", .min = 1, .max = 10'000});
    const std::int64_t& threads =
        integer("threads", 0, {.about = "threads a step; 0: as many as there are processors", .min = 0, .max = 1024});
    const std::string& device = text("device", "auto", {.about = "auto, cpu, cuda, cuda:N or mps"});
  };

 public:
  BenchTraining()
      : Command({.about = "Measure the time and the memory of a training step.",
                 .example = "dfpipe bench training --batch 8 --precision bf16"},
                &params_) {}

  int run(Console& console) override {
    keep_large_blocks();
    const at::Device device = detector::resolve_device(params_.device);
    const at::ScalarType precision = detector::resolve_precision(params_.precision, device);
    const int threads = params_.threads > 0 ? static_cast<int>(params_.threads) : omp_get_num_procs();
    detector::use_threads(threads);
    console.progress("making the model");
    const std::unique_ptr<TrainableModel> model = make(device, precision);
    const std::size_t with_weights = detector::present_memory();
    Learner learner(*model, {});
    LossScaler scaler{.on = precision == at::kHalf};
    const Batch batch = random_batch(*model, device);
    detector::forget_peak_memory();

    Times total;
    std::size_t kept = 0;
    std::int64_t done = 0;
    for (std::int64_t step = 0; step <= params_.steps && !console.stop().stop_requested(); ++step) {
      console.progress(step == 0 ? "first step" : "step " + std::to_string(step));
      const std::size_t before = detector::present_memory();
      const Times times = measure(*model, learner, scaler, batch, step, step == 0 ? &kept : nullptr);
      if (step == 0) {
        kept = kept > before ? kept - before : 0;
        continue;
      }
      total += times;
      ++done;
    }
    console.progress("");
    if (done == 0) return 1;
    console.print(format("%s on %s, %s, batch %lld, %d threads", params_.model.c_str(), device.str().c_str(),
                         detector::precision_name(precision).c_str(), static_cast<long long>(params_.batch), threads));
    print_times(console, total, done);
    print_memory(console, *model, with_weights, kept);
    return 0;
  }

 private:
  struct Times {
    double forward = 0, backward = 0, optimizer = 0;
    void operator+=(const Times& other) {
      forward += other.forward;
      backward += other.backward;
      optimizer += other.optimizer;
    }
  };
  struct Batch {
    at::Tensor pixels, spectrum, labels;
  };

  std::unique_ptr<TrainableModel> make(at::Device device, at::ScalarType precision) const {
    const detector::AdapterConfig adapters =
        detector::new_adapters(16, 32, 0.1, true, {"q_proj", "k_proj", "v_proj", "out_proj"});
    const bool all = params_.train == "all";
    constexpr std::int64_t projection = 128;
    if (params_.model == "vit-l-14")
      return random_vit_l14(all ? std::nullopt : std::optional(adapters), projection, device, precision);
    const detector::TrainingStart start{.layout = detector::ModelLayout::find(params_.model),
                                        .all = all,
                                        .adapters = adapters,
                                        .projection = projection,
                                        .seed = 1};
    return start.make(device, precision);
  }

  Batch random_batch(const TrainableModel& model, at::Device device) const {
    const std::int64_t side = model.config().image_size;
    at::Generator generator = detector::seeded_generator(2);
    return {at::empty({params_.batch, 3, side, side}).normal_(0, 1, generator).to(device),
            at::empty({params_.batch, 1, side, side}).uniform_(0, 10, generator).to(device),
            at::arange(params_.batch, at::kLong).remainder(2).to(device)};
  }

  /// One step; `after_forward` is told the process's memory between the two passes.
  static Times measure(TrainableModel& model, Learner& learner, LossScaler& scaler, const Batch& batch,
                       std::int64_t step, std::size_t* after_forward) {
    const at::AutoGradMode grad(true);
    const auto start = Clock::now();
    detector::ClipRequest request;
    request.dropout = detector::seeded_generator(static_cast<std::uint64_t>(step));
    const at::Tensor clip = model.forward(batch.pixels, request).pooled;
    const at::Tensor fused = at::cat({clip, model.heads().spectrum.forward(batch.spectrum, true)}, 1);
    const at::Tensor logits = model.heads().fusion.forward(fused, request.dropout);
    const at::Tensor loss =
        SupCon()(model.project(fused), batch.labels) * 0.7 + smoothed_cross_entropy(logits, batch.labels, 0.1) * 0.3;
    detector::wait_for(model.device());
    if (after_forward != nullptr) *after_forward = detector::present_memory();
    const auto between = Clock::now();
    learner.add(loss, scaler);
    detector::wait_for(model.device());
    const auto behind = Clock::now();
    learner.step({.step = step}, scaler);
    detector::wait_for(model.device());
    const auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
    return {seconds(start, between), seconds(between, behind), seconds(behind, Clock::now())};
  }

  void print_times(Console& console, const Times& total, std::int64_t steps) const {
    const double all = total.forward + total.backward + total.optimizer;
    console.print(format("a step: forward %.0f %%, backward %.0f %%, optimizer %.1f %%; %.2f images/s",
                         100 * total.forward / all, 100 * total.backward / all, 100 * total.optimizer / all,
                         static_cast<double>(params_.batch * steps) / all));
  }

  void print_memory(Console& console, const TrainableModel& model, std::size_t with_weights, std::size_t kept) const {
    const std::size_t peak = detector::peak_memory();
    if (peak == 0 || !model.device().is_cpu()) return;
    std::size_t learning = 0;
    for (const detector::NamedTensor& parameter : model.parameters()) learning += parameter.tensor.nbytes();
    // Gradients and two moments of everything that learns come to the weights.
    const std::size_t parts = with_weights + 3 * learning + kept;
    const auto mb = [](std::size_t bytes) { return static_cast<double>(bytes) / 1e6; };
    console.print(
        format("peak memory %.0f MB = program and weights %.0f (CLIP %.0f, of all learning %.1f) + gradients "
               "and moments %.1f + kept for the backward pass %.0f + the rest %.0f",
               mb(peak), mb(with_weights), mb(model.weight_bytes()), mb(learning), mb(3 * learning), mb(kept),
               mb(peak) - mb(parts)));
  }

  Params params_;
};

}  // namespace

void register_bench_training(Registrar& registrar) { registrar.command<BenchTraining>("bench training"); }

}  // namespace dfpipe::training
