#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "dfpipe/node.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/tensor.hpp"
#include "nodes.hpp"
#include "png_writer.hpp"

namespace dfpipe::explain {
namespace {

/// Shows people the spectrum that the model sees: a grey PNG, black the smallest log magnitude and white the largest,
/// and its radial profile: the mean log magnitude of all points whose distance from the zero frequency, rounded, is r,
/// for r = 0 … min(H, W) / 2. The last is the highest frequency that every direction has, 0.5 cycles a pixel.
/// (Azimuthal average as in Durall, Keuper and Keuper, CVPR 2020, section 3.)
///
///     spectrum: {type: spectrum-picture, in: {spectrum: fft.spectrum}}
class SpectrumPicture final : public Node {
 public:
  SpectrumPicture() : Node({.about = "Draw a face's spectrum, and take its radial profile."}) {}

  void process(Item& item) override {
    const Tensor& given = item[spectrum_];
    if (given.dim() != 4 || given.size(0) != 1 || given.size(1) != 1 || given.numel() == 0)
      throw Error("one face's spectrum must be [1,1,H,W]", "shape");
    const Tensor plain = given.to(at::kCPU, at::kFloat).contiguous();
    const cv::Mat magnitude(static_cast<int>(plain.size(2)), static_cast<int>(plain.size(3)), CV_32FC1,
                            plain.data_ptr<float>());
    if (item.wanted(png_)) item.set(png_, Bytes{codec::encode_png(grey(magnitude))});
    if (item.wanted(profile_)) item.set(profile_, profile(magnitude));
  }

 private:
  static cv::Mat grey(const cv::Mat& magnitude) {
    double low = 0, high = 0;
    cv::minMaxLoc(magnitude, &low, &high);
    const double scale = high > low ? 255 / (high - low) : 0;
    cv::Mat picture;
    magnitude.convertTo(picture, CV_8U, scale, -low * scale);
    return picture;
  }

  static List<double> profile(const cv::Mat& magnitude) {
    const int middle_x = magnitude.cols / 2, middle_y = magnitude.rows / 2;
    const auto rings = static_cast<std::size_t>(std::min(middle_x, middle_y)) + 1;
    std::vector<double> sums(rings);
    std::vector<std::int64_t> counts(rings);
    for (int y = 0; y < magnitude.rows; ++y) {
      const float* row = magnitude.ptr<float>(y);
      for (int x = 0; x < magnitude.cols; ++x) {
        const auto ring = static_cast<std::size_t>(std::lround(std::hypot(x - middle_x, y - middle_y)));
        if (ring >= rings) continue;
        sums[ring] += row[x];
        ++counts[ring];
      }
    }
    List<double> means;
    for (std::size_t r = 0; r < rings; ++r) means.push_back(sums[r] / static_cast<double>(counts[r]));
    return means;
  }

  In<Tensor> spectrum_{this, "spectrum", "[1,1,H,W] float32 log magnitude, zero frequency at [H/2,W/2]"};
  Out<Bytes> png_{this, "png", "[H,W] 8-bit grey PNG"};
  Out<List<double>> profile_{this, "profile", "mean log magnitude by distance from the middle, min(H,W)/2 + 1 numbers"};
};

}  // namespace

void register_spectrum_picture(Registrar& registrar) { registrar.node<SpectrumPicture>("spectrum-picture"); }

}  // namespace dfpipe::explain
