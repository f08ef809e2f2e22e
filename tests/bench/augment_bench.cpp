#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "operations/operations.hpp"

// How many pictures a CPU-second the original's training augmentation makes, drawn as its recipe says, one thread:
//   augment_bench [side] [pictures]
// tests/bench/augment.sh runs the same recipe in Python beside it.
namespace dfpipe::augment {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Smooth with some texture, as photographs are: noise alone would make JPEG the only cost.
cv::Mat picture(int side) {
  cv::Mat noise(side, side, CV_8UC3), smooth;
  cv::RNG random(7);
  random.fill(noise, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(noise, smooth, {}, 4);
  cv::normalize(smooth, smooth, 0, 255, cv::NORM_MINMAX);
  cv::addWeighted(smooth, 0.92, noise, 0.08, 0, smooth);
  return smooth;
}

struct Step {
  const char* transform;
  double p;
  std::function<Json(Random&, cv::Size)> draw;
};

std::vector<Step> recipe() {
  return {
      {"HorizontalFlip", 0.5, [](Random&, cv::Size) { return Json::object(); }},
      {"Rotate", 0.5,
       [](Random& r, cv::Size) {
         return Json{
             {"angle", r.uniform(-10, 10)}, {"interpolation", "linear"}, {"border_mode", "reflect_101"}, {"value", 0}};
       }},
      {"RandomResizedCrop", 1,
       [](Random& r, cv::Size size) {
         Json drawn = draw_resized_crop(r, size, {0.85, 1}, {0.75, 4.0 / 3});
         drawn.update({{"out_w", 224}, {"out_h", 224}, {"interpolation", "linear"}});
         return drawn;
       }},
      {"ColorJitter", 0.5,
       [](Random& r, cv::Size) {
         return draw_color_jitter(r, {0.8, 1.2}, {0.8, 1.2}, {0.9, 1.1}, {0, 0});
       }},
      {"SocialMediaDegradation", 0.4,
       [](Random& r, cv::Size) {
         return draw_social_media(r, {0.4, 0.8}, 20, 69, 0.5, {3, 5});
       }},
      {"ImageCompression", 0.5,
       [](Random& r, cv::Size) {
         return Json{{"quality", draw_integer(r, 30, 95)}, {"image_type", ".jpg"}};
       }},
      {"GaussianBlur", 0.3,
       [](Random& r, cv::Size) {
         return draw_gaussian_blur(r, 3, 7, {0, 0}, Rules::v1);
       }},
      {"Downscale", 0.3,
       [](Random& r, cv::Size) {
         return Json{{"scale", r.uniform(0.5, 0.9)}, {"down", "nearest"}, {"up", "nearest"}};
       }},
      {"HighPass", 0.15, [](Random&, cv::Size) {
         return Json{{"sigma", 3.0}};
       }}};
}

double pictures_per_second(const std::vector<Step>& steps, const cv::Mat& input, int pictures, bool always) {
  const double start = cpu_seconds();
  for (int i = 0; i < pictures; ++i) {
    cv::Mat image = input;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      Random random(Random::mix(static_cast<std::uint64_t>(i), s));
      if (random.uniform() < steps[s].p || always)
        image = apply(steps[s].transform, image, steps[s].draw(random, image.size()), Rules::v1);
    }
  }
  return pictures / (cpu_seconds() - start);
}

}  // namespace
}  // namespace dfpipe::augment

int main(int count, char** arguments) {
  using namespace dfpipe::augment;
  const int side = count > 1 ? std::atoi(arguments[1]) : 224, pictures = count > 2 ? std::atoi(arguments[2]) : 2000;
  if (side < 1 || pictures < 1) return 2;
  cv::setNumThreads(1);
  const cv::Mat input = picture(side);
  const std::vector<Step> steps = recipe();
  std::printf("dfpipe, %d px, pictures a CPU-second\n", side);
  for (const Step& step : steps)
    std::printf("%-24s %10.0f\n", step.transform, pictures_per_second({step}, input, pictures / 4 + 1, true));
  double best = 0;
  for (int round = 0; round < 3; ++round) best = std::max(best, pictures_per_second(steps, input, pictures, false));
  std::printf("%-24s %10.0f\n", "whole recipe", best);
  return 0;
}
