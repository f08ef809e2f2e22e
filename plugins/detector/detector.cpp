#include "detector.hpp"

#include <ATen/ATen.h>

#include <stdexcept>

#include "dfpipe/sha256.hpp"
#include "mapped_file.hpp"
#include "torch_compat.hpp"

namespace dfpipe::detector {
namespace {

std::string digest(const std::vector<ModelFile>& files) {
  Sha256 sum;
  constexpr std::size_t piece = 16u << 20;
  for (const auto& file : files) {
    const MappedFile map(file.path);
    const auto bytes = map.bytes();
    sum.update(file.role + " " + std::to_string(bytes.size()) + "\n");
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const std::size_t n = std::min(piece, bytes.size() - at);
      sum.update(bytes.data() + at, n);
      map.forget(at, at + n);
    }
  }
  return sum.hex();
}

}  // namespace

Detector::Detector() : Resource("The detector's weights: CLIP, the spectrum's CNN, the classifier.", &params_) {}

void Detector::open(OpenContext&) {
  const at::Device device = resolve_device(params_.device);
  const at::ScalarType precision = resolve_precision(params_.precision, device);
  model_.emplace(DetectorModel::load(params_.model));
  keep_fp32_exact();
  model_->to(device, precision);
  facts_ = {{"model", model_->name},
            {"sha256", digest(model_->files)},
            {"trained", model_->heads.trained ? "true" : "false"},
            {"architecture", model_->architecture()},
            {"device", device.str()},
            {"image_size", std::to_string(model_->clip.config().image_size)},
            {"precision", precision_name(precision)}};
}

const DetectorModel& Detector::model() const {
  if (!model_) throw std::logic_error("the detector has not been opened");
  return *model_;
}

}  // namespace dfpipe::detector
