#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "dfpipe/random.hpp"

namespace dfpipe::synthetic {

struct Range {
  double low = 0, high = 0;
  double draw(Random& random) const { return random.uniform(low, high); }
};

/// What a camera's pictures have in common. Light is linear, 1 is white; noise and blur are those of the sensor.
struct Camera {
  std::string name;
  Range blur;        ///< standard deviation of the lens's blur, in pixels
  Range shot, read;  ///< noise variance: shot * light + read^2
  bool mosaic;       ///< one colour a pixel, the others interpolated; what follows is unused without it
  bool edge_aware;   ///< interpolates along edges; else bilinear
  Range exposure;    ///< how much of the scene's light is taken
  Range warmth;      ///< gain of red over that of blue, after white balance
  Range vignetting;  ///< share of the light that a corner of the picture loses
  Range aberration;  ///< how far red lies from green, and blue on the other side, in pixels
  Range contrast;    ///< 0 plain gamma … 1 smooth step
  Range sharpening;  ///< weight of the unsharp mask
  int quality_low;   ///< of the camera's JPEG files, as libjpeg counts it
  int quality_high;
  int clutter;  ///< how many shapes stand in the background where its owner goes
};

/// "plain" has a lens, noise and gamma; "a" is a good camera in good light: fine noise, edge-aware interpolation,
/// little compression; "b" a cheap one in poor light: coarse noise, bilinear interpolation, strong sharpening and
/// compression.
const std::vector<std::string>& camera_names();

/// Throws std::invalid_argument for an unknown name.
const Camera& camera(const std::string& name);

/// One setting of a camera, drawn from its ranges.
struct Exposure {
  double blur = 0, shot = 0, read = 0;
  bool mosaic = false, edge_aware = false;
  int phase = 0;  ///< which of the four colour pixels lies in the picture's corner
  double exposure = 1, warmth = 1, vignetting = 0, contrast = 0, sharpening = 0;
  cv::Point2d aberration;
  cv::Point2d axis;  ///< where the lens looks, from the picture's middle, in half sides
};

Exposure random_exposure(Random& random, const Camera& camera);

/// The same setting with a sensor that adds nothing of its own.
Exposure without_noise(Exposure exposure);

/// `canvas` [H,W] float RGB, linear, to [H,W] uint8 RGB: lens, sensor, interpolation of the mosaic, white balance,
/// tone, sharpening. Compression is left to who writes the file.
cv::Mat develop(Random& random, const cv::Mat& canvas, const Exposure& exposure);

/// develop() with a setting drawn for it.
cv::Mat photograph(Random& random, const cv::Mat& canvas, const Camera& camera);

}  // namespace dfpipe::synthetic
