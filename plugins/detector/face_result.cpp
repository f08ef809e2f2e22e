#include "detector.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"

namespace dfpipe::detector {
namespace {

/// Gathers all that is known of one face into the row that reports carry. What failed on the way stays empty and its
/// reason stands under `problems`; what was switched off or is not connected is left out in silence.
///
///     result: {type: face-result, in: {face: face, probabilities: fuse.probabilities, measures: heuristics.measures,
///              heatmap: encode.png}, use: {detector: detector}}
class FaceResultNode final : public Node {
 public:
  FaceResultNode() : Node({.about = "Gather all that is known of one face into one result."}) {}

  void process(Item& item) override {
    const Face& face = item[face_];
    FaceResult result;
    result.box = {face.box.x, face.box.y, face.box.width, face.box.height};
    result.crop = {face.crop_box.x, face.crop_box.y, face.crop_box.x + face.crop_box.width,
                   face.crop_box.y + face.crop_box.height};
    result.detector = face.detector;
    result.detector_score = face.score;
    result.presence = face.presence;
    if (item.has(probabilities_)) judge(item[probabilities_], result);
    if (item.has(measures_)) result.heuristics = item[measures_];
    if (item.has(heatmap_)) result.heatmap = std::make_shared<const Bytes>(item[heatmap_]);
    note(item.why(probabilities_), result);
    note(item.why(measures_), result);
    note(item.why(heatmap_), result);
    item.set(result_, std::move(result));
  }

 private:
  void judge(const Tensor& probabilities, FaceResult& result) const {
    if (probabilities.dim() != 2 || probabilities.size(0) != 1 || probabilities.size(1) != 2)
      throw Error("the probabilities of one face must be [1,2]", "shape");
    const Tensor row = probabilities.to(at::kCPU, at::kDouble);
    const double genuine = row[0][0].item<double>(), fake = row[0][1].item<double>();
    result.probability = fake;
    result.label = detector_->heads().id2label.at(fake >= genuine ? 1 : 0);
  }

  static void note(const ReasonPtr& why, FaceResult& result) {
    if (why && why->kind == Reason::Kind::error) result.problems.push_back(why->text());
  }

  In<Face> face_{this, "face", "the face as the detector of faces gave it"};
  OptionalIn<Tensor> probabilities_{this, "probabilities", "[1,2], genuine and fake"};
  OptionalIn<Measures> measures_{this, "measures", "heuristics on the face"};
  OptionalIn<Bytes> heatmap_{this, "heatmap", "a PNG"};
  Out<FaceResult> result_{this, "result", "one face's row; the label is the model's own name of the winning class"};
  Use<Detector> detector_{this, "detector", "the model, for its labels"};
};

}  // namespace

void register_face_result(Registrar& registrar) { registrar.node<FaceResultNode>("face-result"); }

}  // namespace dfpipe::detector
