#include "detector.hpp"

#include <ATen/ATen.h>

#include <future>
#include <stdexcept>
#include <utility>

#include "detector_model.hpp"
#include "device.hpp"
#include "model_digest.hpp"
#include "torch_compat.hpp"

namespace dfpipe::detector {

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
