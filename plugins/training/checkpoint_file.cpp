#include "checkpoint_file.hpp"

#include <ATen/ATen.h>

#include <map>
#include <stdexcept>
#include <string>

#include "dfpipe/error.hpp"
#include "error.hpp"
#include "safetensors.hpp"

namespace dfpipe::training {
namespace {

using detector::NamedTensor;

constexpr const char* format = "dfpipe training 1";

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file), left_(file_.entries().size()) {
    const auto found = file_.metadata().find("format");
    if (found == file_.metadata().end() || found->second != format)
      throw std::runtime_error(file.string() + ": is no checkpoint of this version");
  }

  bool has(const std::string& name) const { return file_.entries().contains(name); }

  at::Tensor load(const std::string& name, const at::Tensor& like) {
    const std::string where = file_.path().string() + ": tensor '" + name + "'";
    if (!has(name)) throw std::runtime_error(where + " is missing; the checkpoint is another model's");
    const at::Tensor tensor = file_.load(name);
    if (tensor.sizes() != like.sizes() || tensor.scalar_type() != like.scalar_type())
      throw std::runtime_error(where + " has another shape or type; the checkpoint is another model's");
    --left_;
    return tensor;
  }

  void require_all_read() const {
    if (left_ != 0) throw std::runtime_error(file_.path().string() + ": holds tensors that this model does not have");
  }

  Progress progress() const {
    const auto found = file_.metadata().find("progress");
    return Progress::from_text(found == file_.metadata().end() ? "" : found->second);
  }

 private:
  detector::SafetensorsFile file_;
  std::size_t left_;
};

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const detector::TrainableModel& model, const AdamW& optimizer,
                      const Progress& progress) {
  std::map<std::string, at::Tensor> tensors;
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    const auto& [name, tensor] = model.parameters()[i];
    tensors["parameter/" + name] = tensor.detach();
    const AdamW::Moments& moments = optimizer.moments()[i];
    if (!moments.exp_avg.defined()) continue;
    tensors["adam_step/" + name] = at::scalar_tensor(moments.step, at::kLong);
    tensors["exp_avg/" + name] = moments.exp_avg;
    tensors["exp_avg_sq/" + name] = moments.exp_avg_sq;
  }
  for (const NamedTensor& buffer : model.buffers()) tensors["buffer/" + buffer.name] = buffer.tensor;
  try {
    detector::write_safetensors(file, tensors, {{"format", format}, {"progress", progress.to_text()}});
  } catch (const detector::ModelError& e) {
    throw Fatal(std::string(e.what()) + "; the checkpoint before it is whole, --resume goes on from there");
  }
}

Progress read_checkpoint(const std::filesystem::path& file, detector::TrainableModel& model, AdamW& optimizer) {
  const at::NoGradGuard constant;
  Reader from(file);
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    const auto& [name, tensor] = model.parameters()[i];
    at::Tensor(tensor).copy_(from.load("parameter/" + name, tensor));
    AdamW::Moments& moments = optimizer.moments()[i];
    moments = {};
    if (!from.has("adam_step/" + name)) continue;
    moments.step = from.load("adam_step/" + name, at::scalar_tensor(0, at::kLong)).item<std::int64_t>();
    moments.exp_avg = from.load("exp_avg/" + name, tensor).to(tensor.device());
    moments.exp_avg_sq = from.load("exp_avg_sq/" + name, tensor).to(tensor.device());
  }
  for (const NamedTensor& buffer : model.buffers())
    at::Tensor(buffer.tensor).copy_(from.load("buffer/" + buffer.name, buffer.tensor));
  from.require_all_read();
  model.changed();
  return from.progress();
}

Progress read_progress(const std::filesystem::path& file) try {
  return Reader(file).progress();
} catch (const detector::ModelError& e) {
  throw std::runtime_error(std::string(e.what()) + "; without this file --resume takes the one before");
}

}  // namespace dfpipe::training
