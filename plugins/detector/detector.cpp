#include "detector.hpp"

#include <ATen/ATen.h>

#include <charconv>
#include <future>
#include <stdexcept>
#include <utility>

#include "detector_model.hpp"
#include "device.hpp"
#include "dfpipe/node.hpp"
#include "error.hpp"
#include "model_digest.hpp"
#include "torch_compat.hpp"
#include "training_start.hpp"

namespace dfpipe::detector {
namespace {

/// As many digits as are needed to read back the same double: results depend on it, and so does the hash of a run.
std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

Detector::Detector() : Resource("The detector's weights: CLIP, the spectrum's CNN, the classifier.", &params_) {}

void Detector::open(OpenContext& context) {
  const at::Device device = resolve_device(params_.device);
  const at::ScalarType precision = resolve_precision(params_.precision, device);
  keep_fp32_exact();
  facts_ = {{"device", device.str()}, {"precision", precision_name(precision)}};
  const ModelLayout layout = ModelLayout::find(params_.model);
  if (params_.train == "no")
    open_for_inference(layout, device, precision);
  else
    open_for_training(layout, device, precision, context.seed());
  const ClipConfig& config = clip().config();
  facts_["model"] = layout.name();
  facts_["architecture"] = architecture_text(config);
  facts_["image_size"] = std::to_string(config.image_size);
}

void Detector::open_for_inference(const ModelLayout& layout, at::Device device, at::ScalarType precision) {
  DetectorModel model = DetectorModel::map(layout);
  // Hashing takes about as long as packing does, and a thread of its own.
  auto digest = std::async(std::launch::async, [files = model.files] { return model_digest(files); });
  facts_["trained"] = model.heads.trained ? "true" : "false";
  if (!model.heads.caution.empty()) facts_["caution"] = model.heads.caution;
  heads_ = std::move(model.heads);
  heads_->to(device, at::kFloat);  // small, and sensitive to rounding: the spectrum reaches far beyond 1
  clip_ = make_encoder(std::move(model.clip), device, precision);
  facts_["sha256"] = digest.get();
  find_calibration();
}

void Detector::find_calibration() {
  const bool asked_for = !params_.calibration.empty();
  const std::filesystem::path file = asked_for ? params_.calibration : params_.model / calibration_name;
  if (!asked_for && !std::filesystem::exists(file)) return;
  Calibration found = read_calibration(file);
  if (const std::string& own = facts_["sha256"]; found.model_sha256 != own) {
    const std::string wrong = file.string() + ": belongs to other weights (" + found.model_sha256.substr(0, 12) +
                              ", these are " + own.substr(0, 12) + "); calibrate this model anew";
    if (asked_for) throw ModelError(wrong);
    log(LogLevel::warning, wrong + ", until then there are no calibrated probabilities");
    return;
  }
  facts_["temperature"] = shortest(found.temperature);
  facts_["threshold"] = shortest(found.threshold);
  facts_["threshold_rule"] = found.rule;
  calibration_ = std::move(found);
}

void Detector::open_for_training(const ModelLayout& layout, at::Device device, at::ScalarType precision,
                                 std::uint64_t seed) {
  const TrainingStart start{
      .layout = layout,
      .all = params_.train == "all",
      .from_scratch = params_.from_scratch,
      .keep_heads = params_.keep_heads,
      .adapters = new_adapters(params_.rank, params_.alpha, params_.adapter_dropout, params_.dora, params_.targets),
      .projection = params_.projection,
      .classifier_dropout = params_.classifier_dropout,
      .seed = seed};
  trainable_ = start.make(device, precision);
  std::int64_t count = 0;
  for (const NamedTensor& parameter : trainable_->parameters()) count += parameter.tensor.numel();
  facts_["trained"] = "in training";
  facts_["learns"] = trainable_->has_adapters() ? "adapters and heads" : "all weights";
  facts_["trainable"] = std::to_string(count) + " numbers";
  facts_["sha256"] = model_digest(start.files());
}

const ClipEncoder& Detector::clip() const {
  if (trainable_) return *trainable_;
  if (!clip_) throw std::logic_error("the detector has not been opened");
  return *clip_;
}

const Heads& Detector::heads() const {
  if (trainable_) return trainable_->heads();
  if (!heads_) throw std::logic_error("the detector has not been opened");
  return *heads_;
}

TrainableModel& Detector::trainable() const {
  if (!trainable_) throw Error("this detector is not for training: give it 'train: adapters' or 'train: all'", "usage");
  return *trainable_;
}

}  // namespace dfpipe::detector
