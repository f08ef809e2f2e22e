#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration_file.hpp"
#include "clip_encoder.hpp"
#include "dfpipe/resource.hpp"
#include "heads.hpp"
#include "model_layout.hpp"
#include "trainable_model.hpp"

namespace dfpipe::detector {

/// The model that clip-dora, spectrum-cnn and fusion-head share, loaded once per run.
///
///     resources:
///       detector: {type: detector, with: {model: models/demo, device: auto, precision: auto}}
///
/// `train` prepares it for training. `adapters` puts DoRA adapters on CLIP's frozen projections (or goes on with those
/// of a folder that a training left), `all` trains every weight. Heads are those of the folder when it has trained ones
/// and `keep_heads` is set, else new ones; the projection head of the contrastive loss is added where there is none.
/// `from_scratch` reads no weights: CLIP's configuration alone is the folder's. What is drawn depends on the run's
/// seed.
///
/// Facts: model (the folder's name), sha256 (over all weight and configuration files, in name order), trained,
/// architecture, device, precision; caution, where the model carries one; in training: learns, trainable; with a
/// calibration its temperature, threshold and threshold_rule.
///
/// A file calibration.json in the model's folder is used when it belongs to these weights, and passed over with a
/// warning when it belongs to others, as after further training.
class Detector final : public Resource {
  struct Params : ParamSet {
    const std::filesystem::path& model =
        path("model", {},
             {.about = "folder with clip_vision/ (or dora/) and head_weights.safetensors (or head_weights.pt); to "
                       "train, a CLIP folder will do",
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
    const std::string& train =
        choice("train", "no", {.about = "what learns besides the heads", .choices = {"no", "adapters", "all"}});
    const bool& from_scratch =
        boolean("from_scratch", false, {.about = "train: all without the folder's weights, from random ones"});
    const bool& keep_heads = boolean("keep_heads", true, {.about = "start training from the folder's trained heads"});
    const std::int64_t& rank = integer("rank", 16, {.about = "of new adapters", .min = 1, .max = 1024});
    const double& alpha = real("alpha", 32, {.about = "new adapters are scaled by alpha / rank", .min = 0});
    const double& adapter_dropout =
        real("adapter_dropout", 0.1, {.about = "on the input of new adapters, in training", .min = 0, .max = 0.99});
    const double& classifier_dropout = real(
        "classifier_dropout", 0.1, {.about = "between the classifier's layers, in training", .min = 0, .max = 0.99});
    const bool& dora = boolean("dora", true, {.about = "new adapters have magnitudes (DoRA); else they are LoRA"});
    const std::vector<std::string>& targets =
        texts("targets", {"q_proj", "k_proj", "v_proj", "out_proj"},
              {.about = "projections with new adapters: q_proj, k_proj, v_proj, out_proj, fc1, fc2"});
    const std::int64_t& projection =
        integer("projection", 128, {.about = "numbers that the contrastive loss compares", .min = 1, .max = 65536});
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
  /// The model as training changes it. Throws Error when the resource was not opened for training.
  TrainableModel& trainable() const;

 private:
  void find_calibration();
  void open_for_training(const ModelLayout& layout, at::Device device, at::ScalarType precision, std::uint64_t seed);
  void open_for_inference(const ModelLayout& layout, at::Device device, at::ScalarType precision);

  Params params_;
  std::unique_ptr<const ClipEncoder> clip_;
  std::optional<Heads> heads_;
  std::optional<Calibration> calibration_;
  std::unique_ptr<TrainableModel> trainable_;
  Facts facts_;
};

}  // namespace dfpipe::detector

template <>
struct dfpipe::ResourceType<dfpipe::detector::Detector> {
  static constexpr std::string_view name = "detector";
};
