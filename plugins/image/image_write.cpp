#include <algorithm>
#include <cctype>
#include <filesystem>

#include "codec.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "durable.hpp"
#include "nodes.hpp"
#include "png_writer.hpp"

namespace dfpipe::image_nodes {
namespace {

namespace fs = std::filesystem;

bool ends_with_ignoring_case(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && std::equal(end.rbegin(), end.rend(), text.rbegin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

/// Writes each picture it gets into a folder, atomically (under another name, then renamed). The file's name is `path`
/// with its folders, made safe (no "..", not absolute), plus the format's extension where it has another one. Names may
/// meet that way (`a.jpg` and `a.jpg.png`, `a.png` and `../a.png`): the picture written last stays. Pictures that
/// failed earlier are passed over. A write error ends the run; a `quality` outside 1..100 is an error of its picture.
///
///     save: {type: image-write, in: {image: faces.image, path: faces.path}, with: {dir: out/drawn, format: png}}
class ImageWrite final : public Node {
  struct Params : ParamSet {
    const fs::path& dir =
        path("dir", "", {.about = "folder to write into; made if missing", .required = true, .output = true});
    const std::string& format =
        choice("format", "png", {.about = "png is without loss, jpeg is small", .choices = {"png", "jpeg"}});
    const std::int64_t& quality =
        integer("quality", 92, {.about = "of JPEG, as libjpeg counts it", .min = 1, .max = 100});
  };

 public:
  ImageWrite() : Node({.about = "Write pictures to a folder as PNG or JPEG.", .lane = Lane::blocking}, &params_) {}

  void open(OpenContext&) override {
    std::error_code error;
    fs::create_directories(params_.dir, error);
    if (error) throw std::runtime_error(params_.dir.string() + ": cannot be made: " + error.message());
  }

  void process(Item& item) override {
    if (!item.has(image_)) return;
    const fs::path file = params_.dir / file_name(item.has(path_) ? item[path_] : item.key().text());
    const cv::Mat& rgb = item[image_].pixels;
    const auto data = params_.format == "png" ? codec::encode_png(rgb) : codec::encode_jpeg(rgb, quality(item));
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) throw Fatal(file.parent_path().string() + ": cannot be made: " + error.message());
    files::write_whole(file, data, files::Durability::process, files::own_part(file.parent_path()));
  }

  Facts facts() const override { return {{"output", params_.dir.string()}}; }

 private:
  int quality(const Item& item) const {
    if (!item.has(quality_)) return static_cast<int>(params_.quality);
    const double of_picture = item[quality_];
    if (!(of_picture >= 1 && of_picture <= 100))
      throw Error("a JPEG quality of " + std::to_string(of_picture) + " is not in 1..100", "bad_quality");
    return static_cast<int>(of_picture);
  }

  fs::path file_name(const std::string& from) const {
    fs::path safe;
    for (const fs::path& part : fs::path(from))
      if (part != "/" && part != "." && part != ".." && !part.empty()) safe /= part;
    std::string name = safe.empty() ? "picture" : safe.string();
    const bool fits = params_.format == "png"
                          ? ends_with_ignoring_case(name, ".png")
                          : ends_with_ignoring_case(name, ".jpg") || ends_with_ignoring_case(name, ".jpeg");
    if (!fits) name += params_.format == "png" ? ".png" : ".jpg";
    return name;
  }

  Params params_;
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB"};
  OptionalIn<std::string> path_{this, "path", "name of the file to write, folders allowed; else the item's number"};
  OptionalIn<double> quality_{this, "quality", "of this picture's JPEG file, 1..100; else the parameter's"};
};

}  // namespace

void register_image_write(Registrar& registrar) { registrar.node<ImageWrite>("image-write"); }

}  // namespace dfpipe::image_nodes
