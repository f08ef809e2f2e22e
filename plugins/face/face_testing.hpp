#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "model_files.hpp"

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

/// Test pictures and models that are not part of the project.
inline std::filesystem::path assets() {
  const char* folder = std::getenv("DFPIPE_TEST_ASSETS");
  return folder != nullptr ? folder : "../shared/assets";
}

inline std::filesystem::path asset_models() { return assets() / "face-models"; }

/// Why a backend cannot be tested here, or nothing.
inline std::string why_absent(const std::string& backend) {
  const KnownFile* needed = backend == "yunet" ? &yunet_file : backend == "haar" ? &face_cascade_file : nullptr;
  if (needed == nullptr || find_model_file(*needed, asset_models())) return {};
  return std::string(needed->name) + " is neither in " + asset_models().string() +
         " (set DFPIPE_TEST_ASSETS) nor installed";
}

inline const std::vector<std::string> backends{"yunet", "dlib", "haar"};

}  // namespace dfpipe::face::testing
