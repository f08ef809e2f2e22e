#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "nodes.hpp"

namespace dfpipe::face {
namespace {

/// A face's crop as a picture of its own, with a name for its file: that of the picture it is from and the number of
/// the face in it, "people/a.jpg.0" for the first face of "people/a.jpg".
///
///     cut: {type: face-image, in: {face: face, path: files.path}}
class FaceImage final : public Node {
 public:
  FaceImage() : Node({.about = "Take a face's crop as a picture of its own."}) {}

  void process(Item& item) override {
    const ItemKey key = item.key();
    const std::string number = key.child.empty() ? "0" : std::to_string(key.child.back());
    item.set(image_, item[face_].crop);
    item.set(path_, (item.has(from_) ? item[from_] : std::to_string(key.index)) + "." + number);
  }

 private:
  In<Face> face_{this, "face", "a face with its crop"};
  OptionalIn<std::string> from_{this, "path", "of the picture that the face is from; else the picture's number"};
  Out<Image> image_{this, "image", "[h,w,3] uint8 RGB: the crop"};
  Out<std::string> path_{this, "path", "a name without an extension"};
};

}  // namespace

void register_face_image(Registrar& registrar) { registrar.node<FaceImage>("face-image"); }

}  // namespace dfpipe::face
