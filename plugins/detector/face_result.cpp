#include <algorithm>
#include <cmath>
#include <limits>

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
/// The probability and the label are the model's own, as they come. With a calibration (see detector) the calibrated
/// probability, 1 / (1 + exp(-z / T)) of the log odds z and the temperature T, and the label by the calibration's
/// threshold stand beside them.
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
    const auto& labels = detector_->heads().id2label;
    result.probability = fake;
    result.label = labels.at(fake >= genuine ? 1 : 0);
    result.log_odds = log_odds(genuine, fake);
    if (const auto& calibration = detector_->calibration()) {
      result.calibrated = calibration->calibrated(*result.log_odds);
      result.calibrated_label = labels.at(*result.calibrated >= calibration->threshold ? 1 : 0);
    }
  }

  /// From both probabilities, since 1 - p of a sure p has lost its digits. One that is 0 counts as the smallest
  /// float32, in which they are made.
  static double log_odds(double genuine, double fake) {
    constexpr double least = std::numeric_limits<float>::denorm_min();
    return std::log(std::max(fake, least)) - std::log(std::max(genuine, least));
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
