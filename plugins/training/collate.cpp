#include <ATen/ATen.h>

#include "batch_labels.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"

namespace dfpipe::training {
namespace {

/// Puts a batch's samples together: each output is a list of one element, the batch, for a `foreach` with `max_live: 1`
/// that makes one training step at a time.
///
/// A sample that failed on the way falls out of its batch and is counted. When none is left the tensors are missing,
/// and the reason is the first failure's; the labels are there all the same, so that the end of an epoch is never lost.
///
///     batch: {type: collate, in: {samples: batches.samples, pixels: each.pixels, spectra: each.spectrum}}
class Collate final : public Node {
 public:
  Collate() : Node({.about = "Put the samples of a batch together."}) {}

  void process(Item& item) override {
    const at::NoGradGuard constant;
    const List<Sample>& samples = item[samples_];
    const List<Tensor>& pixels = item[pixels_];
    const List<Tensor>& spectra = item[spectra_];
    if (pixels.size() != samples.size() || spectra.size() != samples.size())
      throw Error("samples, pixels and spectra must be lists of one length", "shape");
    BatchLabels batch;
    std::vector<Tensor> rows, planes;
    std::vector<std::int64_t> labels;
    ReasonPtr why;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const Sample& sample = samples.at(i);
      if (pixels.has(i) && spectra.has(i)) {
        rows.push_back(pixels.at(i));
        planes.push_back(spectra.at(i));
        labels.push_back(sample.label);
        batch.samples.push_back(sample);
        continue;
      }
      if (batch.failed++ > 0) continue;
      why = pixels.has(i) ? spectra.why(i) : pixels.why(i);
      batch.first_failure = sample.path + (why ? ": " + why->text() : "");
    }
    batch.labels = at::tensor(labels, at::kLong);
    item.set(batch_pixels_, one(rows, why));
    item.set(batch_spectra_, one(planes, why));
    batch.ready = std::chrono::steady_clock::now();
    List<BatchLabels> about;
    about.push_back(std::move(batch));
    item.set(labels_, std::move(about));
  }

 private:
  static List<Tensor> one(const std::vector<Tensor>& rows, const ReasonPtr& why) {
    if (rows.empty()) return List<Tensor>({Cell(why)});
    List<Tensor> list;
    list.push_back(at::cat(rows));
    return list;
  }

  In<List<Sample>> samples_{this, "samples", "the batch as the sampler drew it"};
  In<List<Tensor>> pixels_{this, "pixels", "[1,3,S,S] float32 each, in the same order; may lack some"};
  In<List<Tensor>> spectra_{this, "spectra", "[1,1,S,S] float32 each, in the same order; may lack some"};
  Out<List<Tensor>> batch_pixels_{this, "pixels", "one [B,3,S,S] float32"};
  Out<List<Tensor>> batch_spectra_{this, "spectra", "one [B,1,S,S] float32"};
  Out<List<BatchLabels>> labels_{this, "labels", "one: labels and samples of the rows, and what fell out"};
};

}  // namespace

void register_collate(Registrar& registrar) { registrar.node<Collate>("collate"); }

}  // namespace dfpipe::training
