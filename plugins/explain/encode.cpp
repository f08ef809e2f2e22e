#include <ATen/ATen.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "dfpipe/base64.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"
#include "overlay.hpp"
#include "png_writer.hpp"

namespace dfpipe::explain {
namespace {

/// Draws a face for people to look at, as a PNG and as that PNG in base64.
///
/// `overlay`: the crop with the heat map over the part that the model saw; what lies outside it was not judged and
/// keeps its colours. `heatmap`: the map alone, in that part's proportions. `crop`: the face alone, no map needed.
/// `map`: the map alone as the model's square picture, `size` pixels wide, whatever the crop's size. Blue is 0, red is
/// 1 (JET). The part is `window`; without it, what CLIP's own profile shows: the centre square, as wide as the crop's
/// shorter side.
///
/// A crop larger than `size` is shrunk first and drawn on then: a map of 16 x 16 patches has no more to show.
///
///     encode: {type: encode, in: {face: face, heatmap: rollout.heatmap}, with: {content: overlay, opacity: 0.5}}
class Encode final : public Node {
  struct Params : ParamSet {
    const std::string& content =
        choice("content", "overlay", {.about = "what is drawn", .choices = {"overlay", "heatmap", "map", "crop"}});
    const double& opacity = real("opacity", 0.5, {.about = "of the heat map in an overlay", .min = 0, .max = 1});
    const std::int64_t& size =
        integer("size", 512, {.about = "longer side at most; never enlarges, but for map", .unit = "pixels", .min = 1});
  };

 public:
  Encode() : Node({.about = "Draw a face and its heat map as a PNG."}, &params_) {}

  void open(OpenContext& context) override {
    if (params_.content != "crop" && !context.connected(heatmap_))
      throw Error("content '" + params_.content + "' needs the input 'heatmap'");
  }

  void process(Item& item) override {
    if (!item.wanted(png_) && !item.wanted(base64_)) return;
    const cv::Mat& crop = item[face_].crop.pixels;
    if (crop.empty()) throw Error("the face has no pixels", "empty_crop");
    cv::Mat map;
    if (params_.content != "crop") {
      const ReasonPtr& why = item.why(heatmap_);
      if (why && why->kind == Reason::Kind::error) throw Error("no heat map to draw: " + why->text(), why->code);
      if (!item.has(heatmap_)) return;  // switched off, or nobody waits: no picture, and no error either
      map = as_mat(item[heatmap_]);
    }
    Bytes png{params_.content == "map"
                  ? encode_map(map)
                  : codec::encode_png(draw(crop, map, item.has(window_) ? &item[window_] : nullptr))};
    if (item.wanted(base64_)) item.set(base64_, base64(png.data));
    item.set(png_, std::move(png));
  }

 private:
  static cv::Mat as_mat(const Tensor& heatmap) {
    if (heatmap.dim() != 3 || heatmap.size(0) != 1 || heatmap.numel() == 0)
      throw Error("one face's heat map must be [1,g,g]", "shape");
    const Tensor plain = heatmap.to(at::kCPU, at::kFloat).contiguous();
    return cv::Mat(static_cast<int>(plain.size(1)), static_cast<int>(plain.size(2)), CV_32FC1, plain.data_ptr<float>())
        .clone();
  }

  std::vector<std::uint8_t> encode_map(const cv::Mat& map) const {
    const auto side = static_cast<int>(params_.size);
    return codec::encode_palette_png(map_levels(map, {side, side}), jet_colours());
  }

  /// At its final size from the start: what is thrown away later need not be drawn.
  cv::Mat draw(const cv::Mat& crop, const cv::Mat& map, const Window* window) const {
    const auto longest = static_cast<int>(params_.size);
    const cv::Size size = size_within(crop.size(), longest);
    const cv::Rect visible =
        window ? visible_part({window->x, window->y, window->width, window->height}, size) : visible_square(size);
    if (params_.content == "heatmap") return colour_map(map, size_within(visible.size(), longest));
    cv::Mat picture = crop;
    if (size != crop.size()) cv::resize(crop, picture, size, 0, 0, cv::INTER_AREA);
    return params_.content == "crop" ? picture : overlay(picture, map, visible, params_.opacity);
  }

  Params params_;
  In<Face> face_{this, "face", "the face, with its crop"};
  OptionalIn<Tensor> heatmap_{this, "heatmap", "[1,g,g] float32 in [0,1]; not needed for content crop"};
  OptionalIn<Window> window_{this, "window", "the part of the crop that the map belongs to"};
  Out<Bytes> png_{this, "png", "8-bit RGB PNG; a map has a palette"};
  Out<std::string> base64_{this, "base64", "the PNG in base64 (RFC 4648), no line breaks"};
};

}  // namespace

void register_encode(Registrar& registrar) { registrar.node<Encode>("encode"); }

}  // namespace dfpipe::explain
