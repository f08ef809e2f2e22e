#include <algorithm>
#include <cstdio>
#include <opencv2/imgproc.hpp>

#include "dfpipe/types/face.hpp"
#include "nodes.hpp"

namespace dfpipe::face {
namespace {

const cv::Scalar box_colour(255, 200, 0), crop_colour(80, 220, 80), point_colour(0, 220, 255), eye_colour(255, 60, 160);

/// Line widths and letters that can be seen on a picture of this size.
struct Pen {
  explicit Pen(cv::Size picture)
      : width(std::max(1, cvRound(std::max(picture.width, picture.height) / 640.0))),
        letters(std::max(0.4, std::max(picture.width, picture.height) / 1600.0)) {}

  int width;
  double letters;
};

void draw(cv::Mat& canvas, const Face& face, const Pen& pen) {
  cv::rectangle(canvas, face.crop_box, crop_colour, pen.width);
  cv::rectangle(canvas, cv::Rect(face.box), box_colour, pen.width);
  const int dot = std::max(0, cvRound(face.box.width / 200));
  for (const cv::Point3f& point : face.landmarks)
    cv::circle(canvas, cv::Point2f(point.x, point.y), dot, point_colour, cv::FILLED, cv::LINE_AA);
  if (face.key_points && face.landmarks.empty())
    for (const cv::Point2f& point : *face.key_points)
      cv::circle(canvas, point, 2 * dot + 1, point_colour, cv::FILLED, cv::LINE_AA);
  if (face.eyes)
    for (const cv::Point2f& eye : *face.eyes) cv::circle(canvas, eye, 4 * dot + 3, eye_colour, pen.width, cv::LINE_AA);

  char text[64];
  std::snprintf(text, sizeof text, "%.40s %.2f", face.detector.c_str(), face.score);
  const cv::Point place(face.crop_box.x, std::max(face.crop_box.y - 2 * pen.width, cvRound(24 * pen.letters)));
  cv::putText(canvas, text, place, cv::FONT_HERSHEY_SIMPLEX, pen.letters, {0, 0, 0}, 3 * pen.width, cv::LINE_AA);
  cv::putText(canvas, text, place, cv::FONT_HERSHEY_SIMPLEX, pen.letters, crop_colour, pen.width, cv::LINE_AA);
}

/// Draws what is known of the faces into a copy of the picture, to look at: the crop's box (green) with the detector
/// and its score, the detector's own box (yellow), landmarks or key points (blue), eyes (pink).
///
///     drawn: {type: draw-faces, in: {image: decode.image, faces: faces.faces}}
class DrawFaces final : public Node {
 public:
  DrawFaces() : Node({.about = "Draw boxes, landmarks and eyes of the faces into a copy of the picture."}) {}

  void process(Item& item) override {
    Image drawn{item[image_].pixels.clone()};
    if (drawn.pixels.empty()) throw Error("the picture has no pixels", "empty_image");
    const List<Face>& faces = item[faces_];
    const Pen pen(drawn.pixels.size());
    for (std::size_t i = 0; i < faces.size(); ++i)
      if (faces.has(i)) draw(drawn.pixels, faces.at(i), pen);
    item.set(drawn_, std::move(drawn));
  }

 private:
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB: the picture that the faces are from"};
  In<List<Face>> faces_{this, "faces", "the faces, in pixels of the picture"};
  Out<Image> drawn_{this, "image", "[H,W,3] uint8 RGB"};
};

}  // namespace

void register_draw_faces(Registrar& registrar) { registrar.node<DrawFaces>("draw-faces"); }

}  // namespace dfpipe::face
