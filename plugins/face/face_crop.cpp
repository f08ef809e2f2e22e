#include "align.hpp"
#include "crop_box.hpp"
#include "dfpipe/types/face.hpp"
#include "finder.hpp"
#include "nodes.hpp"
#include "whole_face.hpp"

namespace dfpipe::face {
namespace {

/// Finds every face of a picture and cuts it out, from left to right.
///
///   yunet      faces from about 10 px, profiles and tilted heads too, with key points; scores 0 to 1, from 0.75;
///              needs a file of `models`
///   mediapipe  faces of at least a sixth of the picture, as the original detector did; scores 0 to 1, from 0.5; needs
///              a file of `models`
///   dlib       upright frontal faces from about 40 px; scores 0 and up, 1 is clear; needs nothing
///   haar       upright frontal faces from 24 px, less surely; its score counts windows that agree, 5 and more; needs
///              Debian's opencv-data
///
/// `auto` is the first of yunet, mediapipe and dlib whose file is in the folder `models`, where `dfpipe model fetch`
/// puts it. A file that is damaged is an error, also for `auto`. The choice and the hashes of the files are logged, and
/// `detector` of each face names who found it. Pictures of more than `detect_side` squared pixels are searched on a
/// reduced copy, which bounds time and memory: with the default of 640 yunet sees faces of a 12-megapixel photograph
/// from about 55 px, dlib with its 1280 from about 110 px. mediapipe always searches 128 x 128.
///
/// `landmarks` are the 478 points of MediaPipe's face mesh: mediapipe has them always, behind the others the mesh looks
/// twice at each face, the second time where the first look's landmarks are (detector "yunet+mesh"). `presence` is how
/// sure it is that they lie on a face. At `min_presence` or below mediapipe drops the face, as the original did; behind
/// another detector the face stays and only its landmarks go (detector "yunet").
///
/// `box` is the detector's own. The crop is that of a detector with landmarks, which the model was trained for: the box
/// around the landmarks with `padding` of its width and height added on each side, clamped to the picture, truncated
/// towards zero, right and bottom exclusive. A face without landmarks has its box first moved and scaled to where the
/// landmarks usually are. Faces cut by the border stay; a crop that would be empty is left out. The crop is a copy:
/// it does not keep the picture in memory. `square` grows it to a square about its centre, moved into the picture, and
/// clamped where the picture is too small.
///
/// `align: five-point` turns and scales each face instead, so that its eyes, nose and mouth corners come to lie as in
/// the template of DeepfakeBench, `align_scale` times its square in `align_size` pixels (1.3 and 256 there): a
/// similarity by least squares, bilinear, black beyond the picture. A face that is larger than the template is first
/// reduced by the mean of areas, which DeepfakeBench does not do. `crop_box` is then the box around what is shown,
/// clamped to the picture. It needs key points: yunet's, or those of landmarks. A face that has none, because its
/// landmarks were not believed, is cut out straight.
///
/// `eyes` are the landmarks', else the key points', else a pair that OpenCV's eye cascade finds in the upper part of
/// the box, where opencv-data is installed; points stay in pixels of the picture.
///
/// A picture without a face gives an empty list, or with `no_face: whole-image` one face that is the whole picture
/// (detector "whole-image", score 0). With `precropped: true` nothing is searched: each picture is one face already
/// (detector "precropped").
///
///     faces: {type: face-crop, in: {image: decode.image}, with: {models: models, padding: 0.2, min_size: 40}}
class FaceCrop final : public Node {
  struct Params : ParamSet {
    const std::string& detector = choice(
        "detector", "auto", {.about = "who finds the faces; auto is the best present", .choices = backend_names()});
    const std::filesystem::path& models =
        path("models", "", {.about = "folder with the files of models; empty: only detectors that need none"});
    const std::string& landmarks =
        choice("landmarks", "auto",
               {.about = "478 points of each face; auto: where face_landmarker.task is among the models",
                .choices = {"auto", "off", "required"}});
    const double& min_presence =
        real("min_presence", 0.5, {.about = "how sure landmarks must be to be believed", .min = 0, .max = 1});
    const double& padding =
        real("padding", 0.2, {.about = "share of the landmark box added on each side", .min = 0, .max = 2});
    const bool& square = boolean("square", false, {.about = "grow each crop to a square"});
    const std::string& align = choice(
        "align", "none",
        {.about = "turn and scale each face to a template by its key points", .choices = {"none", "five-point"}});
    const double& align_scale = real(
        "align_scale", 1.3, {.about = "how much an aligned crop shows, in template squares", .min = 0.5, .max = 4});
    const std::int64_t& align_size =
        integer("align_size", 256, {.about = "side of an aligned crop", .unit = "px", .min = 16, .max = 2048});
    const std::string& no_face = choice("no_face", "report",
                                        {.about = "a picture without a face gives an empty list, or itself as one face",
                                         .choices = {"report", "whole-image"}});
    const bool& precropped =
        boolean("precropped", false, {.about = "each picture is one face already: search nothing"});
    const double& min_score = real(
        "min_score", 0,
        {.about = "leave out less certain faces, on the detector's scale; 0: yunet 0.75, mediapipe 0.5, the others all",
         .min = 0});
    const std::int64_t& min_size =
        integer("min_size", 0, {.about = "leave out boxes with a smaller side below this", .unit = "px", .min = 0});
    const std::int64_t& max_faces =
        integer("max_faces", 0, {.about = "keep the largest of them only; 0 keeps all", .min = 0});
    const std::int64_t& detect_side = integer("detect_side", 0,
                                              {.about = "search pictures of more pixels than this squared on a reduced "
                                                        "copy; 0: dlib 1280, the others 640",
                                               .unit = "px",
                                               .min = 0,
                                               .max = 8192});
  };

 public:
  FaceCrop() : Node({.about = "Find every face of a picture and cut it out."}, &params_) {}

  void open(OpenContext& context) override {
    if (params_.precropped) return;
    if (params_.detect_side > 0 && params_.detect_side < smallest_side)
      throw std::runtime_error("detect_side must be 0 or at least " + std::to_string(smallest_side));
    finder_ = std::make_unique<FaceFinder>(
        BackendOptions{.detector = params_.detector,
                       .models = params_.models,
                       .detection = {static_cast<double>(params_.detect_side), params_.min_score},
                       .landmarks = landmark_use(),
                       .min_presence = params_.min_presence},
        Selection{.min_size = static_cast<double>(params_.min_size), .max_faces = params_.max_faces});
    if (aligned() && !finder_->gives_key_points())
      throw std::runtime_error("align: five-point needs key points, and the detector " + finder_->name() +
                               " gives none; yunet does, and landmarks do");
    for (const UsedFile& file : finder_->files()) context.depends_on(file.name + " " + file.sha256);
  }

  void process(Item& item) override {
    const cv::Mat& rgb = item[image_].pixels;
    if (rgb.empty()) throw Error("the picture has no pixels", "empty_image");
    List<Face> faces;
    if (finder_)
      for (const Detection& found : finder_->find(rgb))
        if (Face face = cut(found, rgb); !face.crop_box.empty()) faces.push_back(std::move(face));
    if (params_.precropped || (faces.empty() && params_.no_face == "whole-image"))
      faces.push_back(whole_face(item[image_], params_.precropped ? "precropped" : "whole-image"));
    item.set(faces_, std::move(faces));
  }

  Facts facts() const override {
    if (!finder_) return {{"detector", params_.precropped ? "precropped" : ""}};
    Facts facts{{"detector", finder_->name()}};
    for (const UsedFile& file : finder_->files()) facts[file.name] = file.sha256.substr(0, 12);
    return facts;
  }

 private:
  static constexpr std::int64_t smallest_side = 64;

  LandmarkUse landmark_use() const {
    if (params_.landmarks == "off") return LandmarkUse::off;
    return params_.landmarks == "required" ? LandmarkUse::required : LandmarkUse::automatic;
  }

  bool aligned() const { return params_.align == "five-point"; }

  Face cut(const Detection& found, const cv::Mat& rgb) const {
    Face face;
    face.box = found.box;
    face.score = found.score;
    face.detector = finder_->name_for(found);
    face.key_points = found.key_points;
    face.landmarks = found.landmarks;
    face.presence = found.presence;
    face.eyes = found.eyes;
    if (aligned() && face.key_points)
      align(face, rgb);
    else
      cut_straight(face, landmark_extent(found, finder_->landmark_box()), rgb);
    return face;
  }

  void cut_straight(Face& face, const cv::Rect2d& extent, const cv::Mat& rgb) const {
    face.crop_box = crop_box(extent, params_.padding, rgb.size());
    if (face.crop_box.empty()) return;
    if (params_.square) face.crop_box = squared(face.crop_box, rgb.size());
    face.crop.pixels = rgb(face.crop_box).clone();
  }

  void align(Face& face, const cv::Mat& rgb) const {
    auto aligned = align_face(rgb, *face.key_points, params_.align_scale, static_cast<int>(params_.align_size));
    if (!aligned) return;
    face.crop_box = aligned->crop_box;
    face.crop.pixels = std::move(aligned->pixels);
  }

  Params params_;
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB, upright"};
  Out<List<Face>> faces_{this, "faces", "from left to right; empty when there is none"};
  std::unique_ptr<FaceFinder> finder_;
};

}  // namespace

void register_face_crop(Registrar& registrar) { registrar.node<FaceCrop>("face-crop"); }

}  // namespace dfpipe::face
