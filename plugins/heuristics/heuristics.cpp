#include <filesystem>
#include <optional>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "judging.hpp"
#include "nodes.hpp"
#include "original.hpp"

namespace dfpipe::heuristics {
namespace {

namespace fs = std::filesystem;

/// Picture measures of a face that need no model. They are measurements beside the model's probability, never part of
/// it: what each means, and what it cannot say, stands in framework/docs/heuristics.md.
///
/// Profile `calibrated`: symmetry, eyes, texture, edges, lighting, noise, each with a raw value, a score in [0,1] (1 is
/// natural: as in most of the reference photographs), a validity in [0,1] and a sentence; and a total and the worst of
/// them. The face is brought to 256x256 by its landmarks, key points or eyes; with a box alone symmetry, eyes and edges
/// stay empty and the others are less valid. `reference` names a file of pipelines/calibrate-heuristics.yaml; without
/// it one of two that are compiled in is used: one for faces with landmarks, one for all others.
///
/// Profile `original`: the original detector's symmetry, eye_consistency, texture, edge_natural, color_consistency,
/// noise_natural, by its formulas and to its rounding, 0..100 with one decimal (see original.hpp). The first two need
/// landmarks.
///
///     measures: {type: heuristics, in: {face: face, image: image}}
class Heuristics final : public Node {
  struct Params : ParamSet {
    const std::string& profile =
        choice("profile", "calibrated", {.about = "which definitions to use", .choices = {"calibrated", "original"}});
    const fs::path& reference = path(
        "reference", "",
        {.about = "percentiles of real photographs, a file of calibrate-heuristics.yaml; empty: those compiled in"});
  };

 public:
  Heuristics()
      : Node({.about = "Measure symmetry, eyes, texture, edges, lighting and noise of a face. Beside the model's "
                       "probability, never part of it."},
             &params_) {}

  void open(OpenContext& context) override {
    if (params_.profile == "original") {
      if (!params_.reference.empty()) throw std::invalid_argument("reference: profile 'original' judges by none");
      return;
    }
    if (params_.reference.empty()) return;
    const std::string text = read_reference_text(params_.reference);
    reference_ = parse_reference(text, params_.reference.string());
    context.depends_on(text);
  }

  void process(Item& item) override {
    const Face& face = item[face_];
    const cv::Mat& picture = item[image_].pixels;
    if (picture.empty()) throw Error("the picture has no pixels", "empty_image");
    if (params_.profile == "original") {
      if (face.crop.pixels.empty()) throw Error("the face's crop has no pixels", "empty_crop");
      item.set(measures_, original::measure(face, picture));
    } else {
      item.set(measures_,
               reference_ ? measure_calibrated(face, picture, *reference_) : measure_calibrated(face, picture));
    }
  }

  Facts facts() const override {
    if (params_.profile == "original") return {{"profile", params_.profile}};
    if (!reference_) return {{"profile", params_.profile}, {"reference", "built in"}};
    return {{"profile", params_.profile},
            {"reference", params_.reference.string()},
            {"reference_faces", std::to_string(reference_->faces)}};
  }

 private:
  Params params_;
  In<Face> face_{this, "face", "a face; landmarks, key points and eyes are used where there are any"};
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB: the picture that the face is from"};
  Out<Measures> measures_{this, "measures", "six measures; what could not be measured has a note"};
  std::optional<Reference> reference_;  ///< of the file, if one is named
};

}  // namespace

void register_heuristics(Registrar& registrar) { registrar.node<Heuristics>("heuristics"); }

}  // namespace dfpipe::heuristics
