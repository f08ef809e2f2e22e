#include <ATen/ATen.h>
#include <omp.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "commands.hpp"
#include "detector_timing.hpp"
#include "device.hpp"
#include "dfpipe/command.hpp"
#include "dfpipe/error.hpp"
#include "matmul_ceiling.hpp"
#include "process_memory.hpp"
#include "threads.hpp"

namespace dfpipe::detector {
namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

/// Measures the detector's forward pass against this machine's own limit: the speed of a large matrix product in the
/// same process, with the same number of threads and in the same precision.
///
/// The heat map's column is what the attentions add to a forward pass; "rest" is the spectrum's CNN and the classifier.
class BenchDetector final : public Command {
  struct Params : ParamSet {
    const std::string& model =
        text("model", "vit-l-14", {.about = "a model folder, or vit-l-14: that shape, random weights"});
    const std::vector<std::string>& precision =
        texts("precision", {"fp32"}, {.about = "fp32, bf16, fp16, auto; several are measured one after another"});
    const std::vector<double>& batch = reals("batch", {1, 8, 32}, {.about = "pictures a call", .min = 1, .max = 4096});
    const std::int64_t& threads =
        integer("threads", 0, {.about = "threads a call; 0: as many as there are processors", .min = 0, .max = 1024});
    const std::string& device = text("device", "auto", {.about = "auto, cpu, cuda, cuda:N or mps"});
    const double& seconds = real(
        "seconds", 5, {.about = "how long each batch size is repeated, at least", .unit = "s", .min = 0, .max = 3600});
  };

 public:
  BenchDetector()
      : Command({.about = "Measure the detector against the machine's own matrix product.",
                 .example = "dfpipe bench detector --precision fp32,bf16 --batch 1,8 --threads 2"},
                &params_) {}

  int run(Console& console) override {
    const at::Device device = resolve_device(params_.device);
    if (params_.precision.empty() || params_.batch.empty())
      throw Error("--precision and --batch want at least one value", "usage");
    for (const double batch : params_.batch)
      if (batch != std::floor(batch)) throw Error("--batch wants whole numbers", "usage");
    std::vector<at::ScalarType> precisions;
    for (const std::string& wish : params_.precision) precisions.push_back(resolve_precision(wish, device));
    const int threads = params_.threads > 0 ? static_cast<int>(params_.threads) : omp_get_num_procs();
    use_threads(threads);
    console.print(format("%s on %s, %d threads", params_.model.c_str(), device.str().c_str(), threads));
    for (const at::ScalarType precision : precisions)
      if (!console.stop().stop_requested()) measure(console, device, precision);
    return console.stop().stop_requested() ? 1 : 0;
  }

 private:
  void measure(Console& console, at::Device device, at::ScalarType precision) const {
    const std::string name = precision_name(precision);
    const bool random = params_.model == "vit-l-14";
    const double reading = random ? 0 : time_reading(params_.model);
    forget_peak_memory();
    const auto start = std::chrono::steady_clock::now();
    const BenchModel model = random ? random_vit_l14(device, precision) : read_model(params_.model, device, precision);
    const double loading = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double operations = operations_per_picture(model.clip->config());

    // Measured before and after, and the better one counts.
    double ceiling = 0;
    std::vector<ForwardTimes> times;
    console.progress(name + ": first calls");
    for (const double batch : params_.batch) time_forward(model, static_cast<std::int64_t>(batch), 0, console.stop());
    const std::size_t peak = peak_memory();
    for (const double batch : params_.batch) {
      if (console.stop().stop_requested()) break;
      console.progress(name + ": batch " + format("%.0f", batch));
      ceiling = std::max(ceiling, matmul_ceiling(device, precision));
      times.push_back(time_forward(model, static_cast<std::int64_t>(batch), params_.seconds, console.stop()));
    }
    ceiling = std::max(ceiling, matmul_ceiling(device, precision));
    console.progress("");

    console.print(
        format("\n%s: ceiling %.0f GFLOP/s, %.1f GFLOP a picture\n", name.c_str(), ceiling / 1e9, operations / 1e9) +
        "batch  images/s  GFLOP/s  of ceiling  heat map    rest");
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double batch = params_.batch[i], clip = times[i].clip;
      console.print(format("%5.0f  %8.2f  %7.0f  %10.2f  %+6.1f %%  %+4.1f %%", batch, batch / clip,
                           operations * batch / clip / 1e9, operations * batch / clip / ceiling,
                           100 * (times[i].clip_with_attentions / clip - 1), 100 * times[i].spectrum_and_heads / clip));
    }
    const auto megabytes = [](std::size_t bytes) { return static_cast<double>(bytes) / 1e6; };
    std::string memory = format("weights %.0f MB", megabytes(model.clip->weight_bytes()));
    // Making random weights takes memory that reading a folder does not.
    if (device.is_cpu() && !random && peak > 0) memory += format(", peak memory %.0f MB", megabytes(peak));
    if (reading > 0) memory += format(", loaded in %.2f of the time that reading the files takes", loading / reading);
    console.print(memory);
  }

  Params params_;
};

}  // namespace

void register_bench_detector(Registrar& registrar) { registrar.command<BenchDetector>("bench detector"); }

}  // namespace dfpipe::detector
