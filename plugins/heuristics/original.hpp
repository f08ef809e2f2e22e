#pragma once

#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>
#include <span>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"

/// The six picture measures of the original detector, formula by formula: 0..100, higher was meant as more natural.
/// They depend on size, compression, pose and light, and `texture` is 100 for nearly every photograph: numbers to
/// compare with the original's, no evidence. Each is empty where its formula divides by nothing.
namespace dfpipe::heuristics::original {

/// Share of the log spectrum ln(1 + |DFT|) outside a disc of radius min(h/2, w/2)/3 around zero frequency, times 130,
/// at most 100. `grey`: [h,w] uint8 of the crop.
std::optional<double> texture(const cv::Mat& grey);

/// Variance of the Laplacian (3x3 cross) on the ring between 0.75 R and R = min(w,h)/2 around the middle of the crop,
/// divided by 20, at most 100. `grey`: [h,w] uint8 of the crop.
std::optional<double> edge_natural(const cv::Mat& grey);

/// 100 minus twice the mean difference of the three channel means of the left and the right half, at least 0. `rgb`:
/// [h,w,3] uint8 of the crop.
std::optional<double> color_consistency(const cv::Mat& rgb);

/// With n = grey - blurred grey (Gaussian 5x5): 0.6 min(10 std n, 100) + 0.4 min(50 std of the four quadrants' stds,
/// 100). `grey`: [h,w] uint8 of the crop.
std::optional<double> noise_natural(const cv::Mat& grey);

/// 100 (1 - mean of |l - r| / max(l, r)) over five pairs of landmarks, l and r their horizontal distances from the tip
/// of the nose. `landmarks`: 478 in pixels.
std::optional<double> symmetry(std::span<const cv::Point3f> landmarks);

/// Correlation of the 32-bin grey histograms of both eyes' boxes (resized to 32x16), times 100, at least 0. `rgb`:
/// [H,W,3] uint8 of the whole picture; `landmarks`: 478 in its pixels. Empty when an eye has no area.
std::optional<double> eye_consistency(const cv::Mat& rgb, std::span<const cv::Point3f> landmarks);

/// To one decimal. `measure` names it: symmetry and eye_consistency are correctly rounded decimals, the others v * 10,
/// half to even, / 10.
double rounded(const std::string& measure, double value);

/// All six in the original's order, rounded. A value that is not there has a note saying why.
Measures measure(const Face& face, const cv::Mat& picture);

}  // namespace dfpipe::heuristics::original
