#include "operations.hpp"

#include <algorithm>

#include "dfpipe/error.hpp"
#include "reading.hpp"

namespace dfpipe::augment {

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all{{"HorizontalFlip", horizontal_flip},
                                          {"Rotate", rotate},
                                          {"RandomResizedCrop", random_resized_crop},
                                          {"ColorJitter", color_jitter},
                                          {"ImageCompression", image_compression},
                                          {"GaussianBlur", gaussian_blur},
                                          {"Downscale", downscale},
                                          {"SocialMediaDegradation", social_media_degradation},
                                          {"HighPass", high_pass},
                                          {"GaussianNoise", gaussian_noise},
                                          {"ISONoise", iso_noise},
                                          {"CutOut", cut_out},
                                          {"ResizeChain", resize_chain}};
  return all;
}

cv::Mat apply(std::string_view name, const cv::Mat& rgb, const Json& drawn, Rules rules) {
  const auto found = std::ranges::find(operations(), name, &Operation::name);
  if (found == operations().end()) refuse("there is no transform '" + std::string(name) + "'");
  try {
    return found->apply(rgb, drawn, rules);
  } catch (const Json::exception& error) {
    throw Error(std::string(name) + ": " + error.what(), "parameters");
  } catch (const Error& error) {
    throw Error(std::string(name) + ": " + error.what(), error.code());
  }
}

std::int64_t draw_integer(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

void refuse(const std::string& what) { throw Error(what, "parameters"); }

double real_of(const Json& drawn, const char* key, double low, double high) {
  const auto value = drawn.at(key).get<double>();
  if (!(value >= low && value <= high)) refuse(std::string(key) + " is " + std::to_string(value));
  return value;
}

int integer_of(const Json& drawn, const char* key, std::int64_t low, std::int64_t high) {
  const Json& number = drawn.at(key);
  if (!number.is_number_integer()) refuse(std::string(key) + " is no whole number");
  const auto value = number.get<std::int64_t>();
  if (value < low || value > high) refuse(std::string(key) + " is " + std::to_string(value));
  return static_cast<int>(value);
}

std::string text_of(const Json& drawn, const char* key) { return drawn.at(key).get<std::string>(); }

}  // namespace dfpipe::augment
