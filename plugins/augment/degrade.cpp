#include "degrading.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/face.hpp"
#include "nodes.hpp"

namespace dfpipe::augment {
namespace {

/// Does one degradation to a face's crop, which keeps its size; everything else that is known of the face stays.
///
/// The crop is degraded, not the picture it was cut from: faces are searched once, and a sweep tells what the judgement
/// makes of worse pixels, not what the search does. Noise is drawn from the item's own random numbers.
///
///     worse: {type: degrade, in: {face: face, setting: setting}}
class Degrade final : public Node {
 public:
  Degrade() : Node({.about = "Degrade a face's crop: JPEG, blur, resizing there and back, noise."}) {}

  void process(Item& item) override {
    const Face& face = item[face_];
    if (face.crop.pixels.empty()) throw Error("the face has no crop", "no_crop");
    Random random = item.random();
    Face out = face;
    out.crop.pixels = degraded(face.crop.pixels, item[setting_], random);
    item.set(out_, std::move(out));
  }

 private:
  In<Face> face_{this, "face", "with its crop"};
  In<Degradation> setting_{this, "setting", "what to do to it"};
  Out<Face> out_{this, "face", "the same face with a worse crop of the same size"};
};

}  // namespace

void register_degrade(Registrar& registrar) { registrar.node<Degrade>("degrade"); }

}  // namespace dfpipe::augment
