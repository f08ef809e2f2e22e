#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "backends.hpp"
#include "model_files.hpp"
#include "testing/assets.hpp"

/// Pictures and models for the tests of this folder.
namespace dfpipe::face::testing {

/// [H,W,3] uint8 RGB.
inline cv::Mat read_picture(const std::filesystem::path& file) {
  const cv::Mat bgr = cv::imread(file.string(), cv::IMREAD_COLOR);
  EXPECT_FALSE(bgr.empty()) << file;
  cv::Mat rgb;
  if (!bgr.empty()) cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return rgb;
}

/// A painted face of the project.
inline cv::Mat painted(const std::string& name) { return read_picture("tests/data/face/" + name); }

inline cv::Mat blank(int width, int height) { return {height, width, CV_8UC3, cv::Scalar(90, 120, 150)}; }

using dfpipe::testing::assets;
using dfpipe::testing::why_no_asset;

inline std::filesystem::path asset_models() { return assets() / "face-models"; }

/// Everything that finds faces, as FaceFinder names it.
inline const std::vector<std::string> finders{"yunet", "yunet+mesh", "mediapipe", "dlib", "dlib+mesh", "haar"};

/// What makes the finder of that name.
inline BackendOptions options(const std::string& finder, const DetectorOptions& detection = {}) {
  const std::size_t plus = finder.find('+');
  return {.detector = finder.substr(0, plus),
          .models = asset_models(),
          .detection = detection,
          .landmarks = plus == std::string::npos ? LandmarkUse::off : LandmarkUse::required};
}

/// Why a finder cannot be tested here, or nothing.
inline std::string why_absent(const std::string& finder) {
  std::vector<const KnownFile*> needed;
  if (finder.starts_with("yunet")) needed.push_back(&yunet_file);
  if (finder.starts_with("haar")) needed.push_back(&face_cascade_file);
  if (finder == "mediapipe" || finder.ends_with("+mesh")) needed.push_back(&landmarker_file);
  for (const KnownFile* file : needed)
    if (!find_model_file(*file, asset_models()))
      return std::string(file->name) + " is neither in " + asset_models().string() +
             " (set DFPIPE_TEST_ASSETS) nor installed";
  return {};
}

}  // namespace dfpipe::face::testing
