#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "dfpipe/types/face.hpp"

namespace dfpipe::heuristics {

/// What the original detector measured on drawn pictures: tests/data/heuristics. Of the 478 landmarks only those that
/// its formulas read are kept there; the others are 0.
inline nlohmann::json golden_values() {
  std::ifstream file("tests/data/heuristics/expected.json");
  if (!file) throw std::runtime_error("tests/data/heuristics/expected.json is not there: run in the project's root");
  return nlohmann::json::parse(file);
}

inline std::vector<std::string> golden_names() {
  return {"border_left_top", "closed_eyes", "even_noise", "flat", "gradient", "odd_smooth", "uneven_noise"};
}

struct Golden {
  explicit Golden(const std::string& name) : expected(golden_values().at(name)) {
    const cv::Mat bgr = cv::imread("tests/data/heuristics/" + name + ".png", cv::IMREAD_COLOR);
    if (bgr.empty()) throw std::runtime_error("tests/data/heuristics/" + name + ".png is not there");
    cv::cvtColor(bgr, picture, cv::COLOR_BGR2RGB);
    const std::vector<int> box = expected["bbox"];
    face.crop_box = {cv::Point(box[0], box[1]), cv::Point(box[2], box[3])};
    face.box = face.crop_box;
    face.crop.pixels = picture(face.crop_box).clone();
    face.landmarks.resize(478);
    for (const auto& [index, point] : expected["landmarks"].items())
      face.landmarks.at(std::stoul(index)) = {point[0].get<float>() * static_cast<float>(picture.cols),
                                              point[1].get<float>() * static_cast<float>(picture.rows), 0};
  }

  nlohmann::json expected;
  cv::Mat picture;
  Face face;
};

}  // namespace dfpipe::heuristics
