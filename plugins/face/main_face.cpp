#include "dfpipe/types/face.hpp"
#include "nodes.hpp"

namespace dfpipe::face {
namespace {

/// Takes the largest face of a picture, by the area of its crop; of equals the leftmost. A picture without a face is an
/// error of its item ("no_face").
///
///     one: {type: main-face, in: {faces: faces.faces}}
class MainFace final : public Node {
 public:
  MainFace() : Node({.about = "Take the largest face of a picture."}) {}

  void process(Item& item) override {
    const List<Face>& faces = item[faces_];
    const Face* largest = nullptr;
    for (std::size_t i = 0; i < faces.size(); ++i)
      if (faces.has(i) && (largest == nullptr || faces.at(i).crop_box.area() > largest->crop_box.area()))
        largest = &faces.at(i);
    if (largest == nullptr) throw Error("the picture has no face", "no_face");
    item.set(image_, largest->crop);
    item.set(face_, *largest);
  }

 private:
  In<List<Face>> faces_{this, "faces", "all faces of the picture"};
  Out<Face> face_{this, "face", "the largest"};
  Out<Image> image_{this, "image", "[h,w,3] uint8 RGB: its crop"};
};

}  // namespace

void register_main_face(Registrar& registrar) { registrar.node<MainFace>("main-face"); }

}  // namespace dfpipe::face
