#include "dfpipe/types/face.hpp"
#include "nodes.hpp"
#include "whole_face.hpp"

namespace dfpipe::face {
namespace {

/// Takes a picture for a face whose crop it is (detector "precropped", score 0), for stages that want a face: after
/// transforms of a crop, for example.
///
///     face: {type: image-face, in: {image: augment.image}}
class ImageFace final : public Node {
 public:
  ImageFace() : Node({.about = "Take a picture for a face."}) {}

  void process(Item& item) override {
    const Image& image = item[image_];
    if (image.pixels.empty()) throw Error("the picture has no pixels", "empty_image");
    item.set(face_, whole_face(image, "precropped"));
  }

 private:
  In<Image> image_{this, "image", "[h,w,3] uint8 RGB"};
  Out<Face> face_{this, "face", "the whole picture"};
};

}  // namespace

void register_image_face(Registrar& registrar) { registrar.node<ImageFace>("image-face"); }

}  // namespace dfpipe::face
