#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' RandomResizedCrop: up to ten times a share of the area and a shape are drawn until such a part fits,
/// then a place for it; when none fits, the largest middle part of an allowed shape is taken (on squares with shares
/// from 0.85 that is one in thirty). Reduced without a low pass, as there; `interpolation: area` has one.
///
///     crop: {type: random-resized-crop, in: {image: rotate.image}, with: {size: 224}}
class RandomResizedCrop final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(1) {}
    const std::int64_t& size =
        integer("size", 224, {.about = "side of the result", .unit = "px", .min = 1, .max = 4096});
    const double& scale_min = real("scale_min", 0.85, {.about = "smallest share of the area", .min = 0.001, .max = 1});
    const double& scale_max = real("scale_max", 1, {.about = "largest share of the area", .min = 0.001, .max = 1});
    const double& ratio_min =
        real("ratio_min", 0.75, {.about = "narrowest shape, width by height", .min = 0.01, .max = 100});
    const double& ratio_max = real("ratio_max", 4.0 / 3, {.about = "widest shape", .min = 0.01, .max = 100});
    const std::string& interpolation =
        choice("interpolation", "linear",
               {.about = "how it is resized", .choices = {"nearest", "linear", "cubic", "area", "lanczos"}});
  };

 public:
  RandomResizedCrop()
      : TransformNode("RandomResizedCrop", "Cut out a part of random size and shape and bring it to one size.",
                      &params_) {}

  void open(OpenContext&) override {
    check_order("scale_min", params_.scale_min, "scale_max", params_.scale_max);
    check_order("ratio_min", params_.ratio_min, "ratio_max", params_.ratio_max);
  }

 private:
  Json draw(Random& random, cv::Size picture) const override {
    Json drawn = draw_resized_crop(random, picture, {params_.scale_min, params_.scale_max},
                                   {params_.ratio_min, params_.ratio_max});
    drawn["out_w"] = drawn["out_h"] = params_.size;
    drawn["interpolation"] = params_.interpolation;
    return drawn;
  }

  Params params_;
};

}  // namespace

void register_random_resized_crop(Registrar& registrar) { registrar.node<RandomResizedCrop>("random-resized-crop"); }

}  // namespace dfpipe::augment
