#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include "operations.hpp"

namespace dfpipe::augment {
namespace {

constexpr int draws = 100000;

std::vector<Json> facts_of(const std::string& transform) {
  std::ifstream in("tests/data/augment/sampling_facts.json");
  const Json all = Json::parse(in);
  std::vector<Json> found;
  for (const Json& fact : all.at("facts"))
    if (fact.at("transform") == transform && fact.contains("draws")) found.push_back(fact);
  if (found.empty()) throw std::runtime_error("no facts of " + transform);
  return found;
}

template <typename Draw>
std::vector<double> sample(Draw&& draw) {
  std::vector<double> values;
  values.reserve(draws);
  for (int i = 0; i < draws; ++i) {
    Random random(17, static_cast<std::uint64_t>(i));
    values.push_back(draw(random));
  }
  return values;
}

/// The facts' own rule: mean within five standard errors of both samples, percentiles within a hundredth of the range.
void expect_alike(std::vector<double> values, const Json& fact, const std::string& what) {
  SCOPED_TRACE(what);
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  const auto deviation = fact.at("std").get<double>();
  EXPECT_NEAR(mean, fact.at("mean").get<double>(), 5 * deviation * std::sqrt(2.0 / draws) + 1e-6);
  std::ranges::sort(values);
  const double span = fact.at("p100").get<double>() - fact.at("p00").get<double>();
  for (const int percent : {5, 25, 50, 75, 95}) {
    char key[8];
    std::snprintf(key, sizeof key, "p%02d", percent);
    const double value = values[static_cast<std::size_t>(percent) * (values.size() - 1) / 100];
    const bool whole = value == std::nearbyint(value);  // a percentile of integers may be the next one
    EXPECT_NEAR(value, fact.at(key).get<double>(), std::max(span * 0.01, whole && span > 1 ? 1.0 : 0.0)) << key;
  }
}

void expect_frequencies(const std::function<std::string(Random&)>& draw, const Json& expected) {
  std::map<std::string, int> counts;
  for (int i = 0; i < draws; ++i) {
    Random random(23, static_cast<std::uint64_t>(i));
    ++counts[draw(random)];
  }
  for (const auto& [name, frequency] : expected.items()) {
    const auto f = frequency.get<double>();
    EXPECT_NEAR(counts[name] / static_cast<double>(draws), f, 5 * std::sqrt(2 * f * (1 - f) / draws)) << name;
  }
  EXPECT_EQ(counts.size(), expected.size()) << "something that never comes";
}

TEST(Sampling, ResizedCropsHaveTheLibrarysSizesShapesAndPlaces) {
  for (const Json& fact : facts_of("RandomResizedCrop")) {
    const int h = fact.at("image_h"), w = fact.at("image_w");
    SCOPED_TRACE(std::to_string(w) + " x " + std::to_string(h));
    const Json& config = fact.at("config");
    const auto range = [&](const char* key) { return Range{config.at(key)[0], config.at(key)[1]}; };
    const auto drawn = [&](auto&& of) {
      return sample([&](Random& random) {
        return of(draw_resized_crop(random, {w, h}, range("scale"), range("ratio")));
      });
    };
    const auto number = [](const Json& crop, const char* key) { return crop.at(key).get<double>(); };
    expect_alike(drawn([&](const Json& c) { return number(c, "crop_w"); }), fact.at("crop_w"), "crop_w");
    expect_alike(drawn([&](const Json& c) { return number(c, "crop_h"); }), fact.at("crop_h"), "crop_h");
    expect_alike(drawn([&](const Json& c) { return number(c, "crop_w") * number(c, "crop_h") / (w * h); }),
                 fact.at("area_fraction"), "area");
    const Json& box = fact.at("fallback_box");
    int fallen = 0;
    for (const double equal : drawn([&](const Json& c) {
           return c.at("crop_w") == box.at("crop_w") && c.at("crop_h") == box.at("crop_h") ? 1.0 : 0.0;
         }))
      fallen += equal > 0 ? 1 : 0;
    EXPECT_NEAR(fallen / static_cast<double>(draws), fact.at("fraction_equal_to_fallback_box").get<double>(), 0.004);
  }
}

TEST(Sampling, JittersHaveTheLibrarysFactorsAndOrders) {
  const Json fact = facts_of("ColorJitter").at(0);
  const auto draw = [](Random& random) {
    return draw_color_jitter(random, {0.8, 1.2}, {0.8, 1.2}, {0.9, 1.1}, {0, 0});
  };
  for (const char* const key : {"brightness", "contrast", "saturation"})
    expect_alike(sample([&](Random& random) { return draw(random).at(key).get<double>(); }), fact.at(key), key);
  expect_frequencies(
      [&](Random& random) {
        std::string order;
        const Json drawn = draw(random);
        for (const Json& step : drawn.at("order")) order += std::to_string(step.get<int>());
        return order;
      },
      fact.at("order"));
}

TEST(Sampling, BlurKernelsComeAsOftenAsInTheLibrary) {
  for (const Json& fact : facts_of("GaussianBlur")) {
    const bool second = fact.at("dialect").get<std::string>().starts_with("alb20");
    expect_frequencies(
        [&](Random& random) {
          const Range sigma = second ? Range{0.5, 3.0} : Range{0, 0};
          return std::to_string(
              draw_gaussian_blur(random, 3, 7, sigma, second ? Rules::v2 : Rules::v1).at("ksize").get<int>());
        },
        fact.at("ksize"));
  }
}

TEST(Sampling, QualitiesIncludeBothEnds) {
  const Json jpeg = facts_of("ImageCompression").at(0);
  expect_alike(sample([](Random& random) { return static_cast<double>(draw_integer(random, 30, 95)); }),
               jpeg.at("quality"), "quality");
  const Json social = facts_of("SocialMediaDegradation").at(0);
  const auto draw = [](Random& random) { return draw_social_media(random, {0.4, 0.8}, 20, 69, 0.5, {3, 5}); };
  for (const char* const key : {"scale", "quality"})
    expect_alike(sample([&](Random& random) { return draw(random).at(key).get<double>(); }), social.at(key), key);
  expect_frequencies([&](Random& random) { return std::to_string(draw(random).at("blur_ksize").get<int>()); },
                     social.at("blur_ksize"));
}

TEST(Sampling, WhatIsCutOutLiesInThePicture) {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Random random(5, i);
    const Json drawn = draw_cut_out(random, 1, 3, {0.1, 1});
    for (const Json& box : drawn.at("boxes")) {
      EXPECT_GE(box[0].get<double>(), 0);
      EXPECT_LE(box[1].get<double>() + box[3].get<double>(), 1 + 1e-12);
    }
  }
}

}  // namespace
}  // namespace dfpipe::augment
