#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "linear.hpp"
#include "prepared_spectrum.hpp"

namespace dfpipe::detector {

struct BatchNorm {
  at::Tensor weight, bias, running_mean, running_var;
  at::Tensor num_batches_tracked;  ///< int64

  static constexpr double epsilon = 1e-5;
};

/// The spectrum's CNN, [B,1,H,W] log magnitude -> [B,E]:
/// (conv 3x3, batch norm, ReLU), max pool 2, (conv 3x3, batch norm, ReLU), mean over the plane, linear, ReLU.
/// Batch norm: eps 1e-5; in training it uses the batch's statistics and moves the running ones by 0.1.
/// Without gradients, in float32 on the CPU, own kernels do the convolutions (PreparedSpectrum).
struct SpectrumBranch {
  at::Tensor conv1_weight, conv1_bias, conv2_weight, conv2_bias;
  BatchNorm norm1, norm2;
  Linear out;
  /// Copies share it, which is sound: it looks at the weights of whoever asks.
  std::shared_ptr<PreparedSpectrum> prepared = std::make_shared<PreparedSpectrum>();

  at::Tensor forward(const at::Tensor& spectrum, bool training) const;
  std::int64_t width() const { return out.weight.size(0); }

 private:
  /// Up to the mean over the plane, [B,64].
  at::Tensor features(const at::Tensor& spectrum, bool training) const;
};

/// Linear, ReLU, dropout 0.1 (training), linear over [CLIP embedding, spectrum embedding].
struct FusionHead {
  Linear hidden, out;
  double dropout = 0.1;

  /// [B,2]: column 0 genuine, column 1 fake. `generator` set: dropout is on.
  at::Tensor forward(const at::Tensor& fused, std::optional<at::Generator> generator = {}) const;
};

/// Everything of the detector that is not CLIP. File: safetensors with the original's names,
/// `fft_branch.{0,1,4,5,9}.*`, `classifier.{0,3}.*` and, kept from training, `projection_head.{0,2}.*`; metadata
/// `id2label` (JSON object), `trained` ("false" for weights that nobody has trained) and `caution` (what everybody who
/// uses the model must be told). Without metadata: Realism, Deepfake, trained, no caution. Any other ending than
/// .safetensors: the original's own `head_weights.pt`, a torch.save of a dictionary with one dictionary for each part
/// and `id2label`; it counts as trained.
class Heads {
 public:
  /// `clip_width`: the CLIP embedding's size, which the classifier must fit. Throws ModelError.
  static Heads load(const std::filesystem::path& file, std::int64_t clip_width);
  /// Weights not yet set: fill them through `parameters`.
  Heads(std::int64_t clip_width, std::int64_t spectrum_width = 128, std::int64_t hidden_width = 256);
  void save(const std::filesystem::path& file) const;
  /// Writes `head_weights.pt` as the original reads it. It has no place for `trained`.
  void save_original(const std::filesystem::path& file) const;

  SpectrumBranch spectrum;
  FusionHead fusion;
  /// Of the contrastive loss, used in training only: linear, ReLU, linear. Undefined when the file has none.
  Linear projection_hidden, projection_out;
  std::map<int, std::string> id2label{{0, "Realism"}, {1, "Deepfake"}};
  bool trained = true;
  std::string caution;  ///< a sentence, UTF-8; empty: none

  /// Name as in the file to the tensor itself.
  std::map<std::string, at::Tensor> parameters() const;
  void to(at::Device device, at::ScalarType dtype);
  /// How many columns of the fused vector come from CLIP.
  std::int64_t clip_width() const { return fusion.hidden.weight.size(1) - spectrum.width(); }

 private:
  Heads() = default;
  void visit(const std::function<void(const std::string&, at::Tensor&)>& visit);
  void check_shapes(const std::string& file, std::int64_t clip_width) const;
  void read_metadata(const std::map<std::string, std::string>& metadata, const std::string& file);
};

/// A tensor without its numbers.
struct TensorKind {
  at::ScalarType dtype = at::kFloat;
  std::vector<std::int64_t> shape;
};

/// What stands in the header of a file of heads, of either format, by name. Throws ModelError.
std::map<std::string, TensorKind> list_heads(const std::filesystem::path& file);

}  // namespace dfpipe::detector
