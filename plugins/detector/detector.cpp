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

namespace dfpipe::detector {
namespace {

/// As many digits as are needed to read back the same double: results depend on it, and so does the hash of a run.
std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

Detector::Detector() : Resource("The detector's weights: CLIP, the spectrum's CNN, the classifier.", &params_) {}

void Detector::open(OpenContext&) {
  const at::Device device = resolve_device(params_.device);
  const at::ScalarType precision = resolve_precision(params_.precision, device);
  keep_fp32_exact();
  DetectorModel model = DetectorModel::map(params_.model);
  facts_ = {{"model", model.name},
            {"trained", model.heads.trained ? "true" : "false"},
            {"architecture", model.architecture()},
            {"device", device.str()},
            {"image_size", std::to_string(model.clip.config().image_size)},
            {"precision", precision_name(precision)}};
  // Hashing takes about as long as packing does, and a thread of its own.
  auto digest = std::async(std::launch::async, [files = model.files] { return model_digest(files); });
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

const ClipEncoder& Detector::clip() const {
  if (!clip_) throw std::logic_error("the detector has not been opened");
  return *clip_;
}

const Heads& Detector::heads() const {
  if (!heads_) throw std::logic_error("the detector has not been opened");
  return *heads_;
}

}  // namespace dfpipe::detector
