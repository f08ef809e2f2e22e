#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Rectangles of one colour that is drawn, as random erasing (Zhong et al., arXiv 1708.04896) and the face cut-outs of
/// the winning entry to the Deepfake Detection Challenge do: no single part of a face may decide.
///
///     cover: {type: cut-out, in: {image: decode.image}, with: {p: 0.3}}
class CutOut final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.3) {}
    const std::int64_t& boxes_min = integer("boxes_min", 1, {.about = "fewest rectangles", .min = 1, .max = 64});
    const std::int64_t& boxes_max = integer("boxes_max", 3, {.about = "most rectangles", .min = 1, .max = 64});
    const double& side_min =
        real("side_min", 0.1, {.about = "smallest side, of the picture's", .min = 0.001, .max = 1});
    const double& side_max = real("side_max", 0.4, {.about = "largest side, of the picture's", .min = 0.001, .max = 1});
  };

 public:
  CutOut() : TransformNode("CutOut", "Cover parts of pictures.", &params_) {}

  void open(OpenContext&) override {
    check_order("boxes_min", static_cast<double>(params_.boxes_min), "boxes_max",
                static_cast<double>(params_.boxes_max));
    check_order("side_min", params_.side_min, "side_max", params_.side_max);
  }

 private:
  Json draw(Random& random, cv::Size) const override {
    return draw_cut_out(random, params_.boxes_min, params_.boxes_max, {params_.side_min, params_.side_max});
  }

  Params params_;
};

}  // namespace

void register_cut_out(Registrar& registrar) { registrar.node<CutOut>("cut-out"); }

}  // namespace dfpipe::augment
