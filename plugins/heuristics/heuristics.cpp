#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "nodes.hpp"
#include "original.hpp"

namespace dfpipe::heuristics {
namespace {

/// Picture measures of a face: six numbers that need no model, in this order: symmetry, eye_consistency, texture,
/// edge_natural, color_consistency, noise_natural. The first two need landmarks and are empty, with a note, where the
/// detector gives none.
///
/// Profile `original`: the original detector's formulas to its rounding, 0..100 with one decimal (see original.hpp).
/// They are measurements, never mixed into the model's probability.
///
///     measures: {type: heuristics, in: {face: face, image: image}}
class Heuristics final : public Node {
  struct Params : ParamSet {
    const std::string& profile =
        choice("profile", "original", {.about = "which definitions to use", .choices = {"original"}});
  };

 public:
  Heuristics() : Node({.about = "Measure symmetry, eyes, texture, edges, colour and noise of a face."}, &params_) {}

  void process(Item& item) override {
    const Face& face = item[face_];
    if (face.crop.pixels.empty()) throw Error("the face's crop has no pixels", "empty_crop");
    item.set(measures_, original::measure(face, item[image_].pixels));
  }

  Facts facts() const override { return {{"profile", params_.profile}}; }

 private:
  Params params_;
  In<Face> face_{this, "face", "a face with its crop; landmarks are used where there are any"};
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB: the picture that the face is from"};
  Out<Measures> measures_{this, "measures", "six measures; what could not be measured has a note"};
};

}  // namespace

void register_heuristics(Registrar& registrar) { registrar.node<Heuristics>("heuristics"); }

}  // namespace dfpipe::heuristics
