#include "crop_box.hpp"
#include "detector.hpp"
#include "dfpipe/types/face.hpp"
#include "nodes.hpp"
#include "selection.hpp"

namespace dfpipe::face {
namespace {

/// Finds every face of a picture and cuts it out, from left to right.
///
/// `box` is the detector's own. The crop is that of a detector with landmarks, which the model was trained for: the box
/// around the landmarks with `padding` of its width and height added on each side, clamped to the picture, truncated
/// towards zero, right and bottom exclusive. A detector without landmarks has its box first moved and scaled to where
/// the landmarks usually are (dlib: 0.92 of the width, 1.09 of the height, same centre). Faces cut by the border stay;
/// a crop that would be empty is left out. The crop is a copy: it does not keep the picture in memory.
///
/// A picture without a face gives an empty list, or with `no_face: whole-image` one face that is the whole picture
/// (detector "whole-image", score 0). With `precropped: true` nothing is searched: each picture is one face already
/// (detector "precropped").
///
/// `auto` takes the best detector there is: dlib. Its frontal HOG detector needs no model file; it finds upright faces
/// from about 40 px, no profiles. Above `detect_side` squared in pixels it sees a reduced copy, so that a 12-megapixel
/// photograph shows it faces from about 110 px; time grows with the copy's pixels.
///
///     faces: {type: face-crop, in: {image: decode.image}, with: {padding: 0.2, min_size: 40}}
class FaceCrop final : public Node {
  struct Params : ParamSet {
    const std::string& detector = choice(
        "detector", "auto", {.about = "who finds the faces; auto is the best present", .choices = detector_names()});
    const double& padding =
        real("padding", 0.2, {.about = "share of the landmark box added on each side", .min = 0, .max = 2});
    const std::string& no_face = choice("no_face", "report",
                                        {.about = "a picture without a face gives an empty list, or itself as one face",
                                         .choices = {"report", "whole-image"}});
    const bool& precropped =
        boolean("precropped", false, {.about = "each picture is one face already: search nothing"});
    const double& min_score =
        real("min_score", 0, {.about = "leave out less certain faces; the scale is the detector's (dlib: 0 and up)"});
    const std::int64_t& min_size =
        integer("min_size", 0, {.about = "leave out boxes with a smaller side below this", .unit = "px", .min = 0});
    const std::int64_t& max_faces =
        integer("max_faces", 0, {.about = "keep the largest of them only; 0 keeps all", .min = 0});
    const std::int64_t& detect_side =
        integer("detect_side", 1280,
                {.about = "search pictures of more pixels than this squared on a reduced copy",
                 .unit = "px",
                 .min = 64,
                 .max = 8192});
  };

 public:
  FaceCrop() : Node({.about = "Find every face of a picture and cut it out."}, &params_) {}

  void open(OpenContext&) override {
    if (!params_.precropped)
      detector_ = make_detector(params_.detector, {.max_side = static_cast<double>(params_.detect_side)});
  }

  void process(Item& item) override {
    const cv::Mat& rgb = item[image_].pixels;
    if (rgb.empty()) throw Error("the picture has no pixels", "empty_image");
    List<Face> faces;
    if (detector_)
      for (const Detection& found : select_faces(detector_->detect(rgb), selection()))
        if (Face face = cut(found, rgb); !face.crop_box.empty()) faces.push_back(std::move(face));
    if (params_.precropped || (faces.empty() && params_.no_face == "whole-image"))
      faces.push_back(whole(item[image_], params_.precropped ? "precropped" : "whole-image"));
    item.set(faces_, std::move(faces));
  }

  Facts facts() const override {
    return {{"detector", detector_ ? std::string(detector_->name()) : params_.precropped ? "precropped" : ""}};
  }

 private:
  Selection selection() const { return {params_.min_score, static_cast<double>(params_.min_size), params_.max_faces}; }

  Face cut(const Detection& found, const cv::Mat& rgb) const {
    Face face;
    face.box = found.box;
    face.crop_box = crop_box(landmark_extent(found, detector_->landmark_box()), params_.padding, rgb.size());
    face.score = found.score;
    face.detector = detector_->name();
    face.key_points = found.key_points;
    face.landmarks = found.landmarks;
    face.presence = found.presence;
    face.eyes = found.eyes;
    if (!face.crop_box.empty()) face.crop.pixels = rgb(face.crop_box).clone();
    return face;
  }

  static Face whole(const Image& image, std::string detector) {
    Face face;
    face.crop_box = {{0, 0}, image.pixels.size()};
    face.box = face.crop_box;
    face.detector = std::move(detector);
    face.crop = image;
    return face;
  }

  Params params_;
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB, upright"};
  Out<List<Face>> faces_{this, "faces", "from left to right; empty when there is none"};
  std::unique_ptr<FaceDetector> detector_;
};

}  // namespace

void register_face_crop(Registrar& registrar) { registrar.node<FaceCrop>("face-crop"); }

}  // namespace dfpipe::face
