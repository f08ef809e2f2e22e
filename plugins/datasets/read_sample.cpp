#include "dfpipe/types/basic.hpp"
#include "nodes.hpp"
#include "picture_file.hpp"

namespace dfpipe::datasets {
namespace {

/// Reads the file of a sample, for sources that give lists of samples: the files of a batch are then read side by side.
///
/// A picture that cannot be read is an error of its item: not_found, unreadable, not_a_file, too_large, truncated; and
/// `changed` when the manifest has another SHA-256 of it. `path` is there all the same.
///
///     batches: {type: balanced-batch, with: {ds1: "${ds1}", ds2: "${ds2}"}}
///     per-sample:
///       foreach: {sample: batches.samples}
///       nodes:
///         read:   {type: read-sample, in: {sample: sample}}
///         decode: {type: decode, in: {bytes: read.bytes}}
class ReadSample final : public Node {
  struct Params : WithPictureFiles<ParamSet> {};

 public:
  ReadSample()
      : Node(
            {.about = "Read the file of a sample, and compare it with the manifest's SHA-256.", .lane = Lane::blocking},
            &params_) {}

  void process(Item& item) override {
    const Sample& sample = item[sample_];
    item.set(path_, sample.path);
    item.set(bytes_, Bytes{*read_picture_file(sample, params_.file_options())});
  }

 private:
  Params params_;
  In<Sample> sample_{this, "sample", "where the file lies, and its SHA-256 if the list says one"};
  Out<Bytes> bytes_{this, "bytes", "the file's contents"};
  Out<std::string> path_{this, "path", "the file's name for people and outputs, valid UTF-8"};
};

}  // namespace

void register_read_sample(Registrar& registrar) { registrar.node<ReadSample>("read-sample"); }

}  // namespace dfpipe::datasets
