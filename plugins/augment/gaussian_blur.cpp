#include <stdexcept>

#include "nodes.hpp"
#include "transform_node.hpp"

namespace dfpipe::augment {
namespace {

/// Albumentations' GaussianBlur. The kernel's side is drawn between `kernel_min` and `kernel_max`, an even one becomes
/// the next odd one (3, 5, 7 come as 1 : 2 : 2). By the rules of 1.x a sigma of 0 is derived from the side; 2.x draws
/// sigma apart and makes its own kernel, which blurs far more. A side of 0 is derived from sigma.
///
///     blur: {type: gaussian-blur, in: {image: jpeg.image}, with: {kernel_min: 3, kernel_max: 7}}
class GaussianBlur final : public TransformNode {
  struct Params : TransformParams {
    Params() : TransformParams(0.3) {}
    const std::int64_t& kernel_min =
        integer("kernel_min", 3, {.about = "smallest side of the kernel", .unit = "px", .min = 0, .max = 99});
    const std::int64_t& kernel_max =
        integer("kernel_max", 7, {.about = "largest side of the kernel, odd or 0", .unit = "px", .min = 0, .max = 99});
    const double& sigma_min = real("sigma_min", 0, {.about = "smallest sigma", .unit = "px", .min = 0, .max = 30});
    const double& sigma_max =
        real("sigma_max", 0, {.about = "largest sigma; 0: from the kernel", .unit = "px", .min = 0, .max = 30});
  };

 public:
  GaussianBlur() : TransformNode("GaussianBlur", "Blur pictures.", &params_) {}

  void open(OpenContext&) override {
    check_order("kernel_min", static_cast<double>(params_.kernel_min), "kernel_max",
                static_cast<double>(params_.kernel_max));
    check_order("sigma_min", params_.sigma_min, "sigma_max", params_.sigma_max);
    if (params_.kernel_max > 0 && params_.kernel_max % 2 == 0) throw std::runtime_error("kernel_max is even");
  }

 private:
  Json draw(Random& random, cv::Size) const override {
    return draw_gaussian_blur(random, params_.kernel_min, params_.kernel_max, {params_.sigma_min, params_.sigma_max},
                              rules());
  }

  Params params_;
};

}  // namespace

void register_gaussian_blur(Registrar& registrar) { registrar.node<GaussianBlur>("gaussian-blur"); }

}  // namespace dfpipe::augment
