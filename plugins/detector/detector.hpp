#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "calibration_file.hpp"
#include "clip_encoder.hpp"
#include "dfpipe/resource.hpp"
#include "heads.hpp"

namespace dfpipe::detector {

/// The model that clip-dora, spectrum-cnn and fusion-head share, loaded once per run.
///
///     resources:
///       detector: {type: detector, with: {model: models/demo, device: auto, precision: auto}}
///
/// Facts: model (the folder's name), sha256 (over all weight and configuration files, in name order), trained,
/// architecture, device, precision; with a calibration also its temperature, threshold and threshold_rule.
///
/// A file calibration.json in the model's folder is used when it belongs to these weights, and passed over with a
/// warning when it belongs to others, as after further training.
class Detector final : public Resource {
  struct Params : ParamSet {
    const std::filesystem::path& model =
        path("model", {},
             {.about = "folder with clip_vision/ (or dora/) and head_weights.safetensors (or head_weights.pt)",
              .required = true});
    const std::string& device = text("device", "auto", {.about = "auto, cpu, cuda, cuda:N or mps"});
    const std::string& precision =
        choice("precision", "auto",
               {.about = "of the CLIP forward pass; auto is fp32 on the CPU and fp16 on a GPU",
                .choices = {"auto", "fp32", "bf16", "fp16"}});
    const std::filesystem::path& calibration = path(
        "calibration", {},
        {.about =
             "calibration.json to use, refused if it belongs to other weights; empty: the model folder's, if any"});
  };

 public:
  Detector();
  void open(OpenContext&) override;
  Facts facts() const override { return facts_; }

  /// Valid after open. Both throw std::logic_error before.
  const ClipEncoder& clip() const;
  const Heads& heads() const;
  /// Nothing when there is none, or none for these weights.
  const std::optional<Calibration>& calibration() const { return calibration_; }

 private:
  void find_calibration();

  Params params_;
  std::unique_ptr<const ClipEncoder> clip_;
  std::optional<Heads> heads_;
  std::optional<Calibration> calibration_;
  Facts facts_;
};

}  // namespace dfpipe::detector

template <>
struct dfpipe::ResourceType<dfpipe::detector::Detector> {
  static constexpr std::string_view name = "detector";
};
