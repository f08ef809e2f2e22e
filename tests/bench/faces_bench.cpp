#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>
#include <vector>

#include "crop_box.hpp"
#include "dfpipe/types/face.hpp"
#include "finder.hpp"
#include "judging.hpp"
#include "matmul_ceiling.hpp"
#include "model_files.hpp"

/// What finding and measuring faces costs on one core, beside this core's matrix product in the same process:
///
///     faces_bench [MODELS [PICTURE]]
///
/// MODELS is the folder of the models' files; detectors whose file is not there are left out. The picture is brought to
/// 640 px on its longer side; without one it is a painting of two faces.
namespace {

using namespace dfpipe;
using namespace dfpipe::face;

using Clock = std::chrono::steady_clock;

double milliseconds(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Timing {
  double fastest, median;
};

/// Of calls during one second, five at least. The first is not counted: it makes buffers.
Timing timing(const std::function<void()>& work) {
  work();
  std::vector<double> all;
  for (const auto start = Clock::now(); all.size() < 5 || Clock::now() - start < std::chrono::seconds(1);)
    all.push_back(milliseconds(work));
  std::ranges::sort(all);
  return {all.front(), all[all.size() / 2]};
}

/// How many times as much `workers` threads do as one, each working on its own.
double scaling(std::size_t workers, const std::function<void()>& work) {
  constexpr int rounds = 10;
  const auto some = [&] {
    for (int i = 0; i < rounds; ++i) work();
  };
  const auto all = [&] {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i)
      threads.emplace_back([&] {
        omp_set_num_threads(1);
        some();
      });
  };
  all();
  double alone = 1e30, together = 1e30;
  for (int i = 0; i < 3; ++i) {
    alone = std::min(alone, milliseconds(some));
    together = std::min(together, milliseconds(all));
  }
  return static_cast<double>(workers) * alone / together;
}

cv::Mat read_picture(const std::filesystem::path& file) {
  cv::Mat picture = cv::imread(file.string(), cv::IMREAD_COLOR);
  if (picture.empty()) throw std::runtime_error(file.string() + " cannot be read");
  const double scale = 640.0 / std::max(picture.cols, picture.rows);
  cv::resize(picture, picture, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  return picture;
}

bool is_present(const std::string& detector, bool mesh, const std::filesystem::path& models) {
  if (detector == "yunet" && !find_model_file(yunet_file, models)) return false;
  if (detector == "haar" && !find_model_file(face_cascade_file, models)) return false;
  return (detector != "mediapipe" && !mesh) || find_model_file(landmarker_file, models).has_value();
}

Face cut(const Detection& found, const LandmarkBox& usual, const cv::Mat& rgb) {
  Face face;
  face.box = found.box;
  face.crop_box = crop_box(landmark_extent(found, usual), 0.2, rgb.size());
  face.key_points = found.key_points;
  face.landmarks = found.landmarks;
  face.presence = found.presence;
  face.eyes = found.eyes;
  face.crop.pixels = rgb(face.crop_box).clone();
  return face;
}

void measure_finder(const std::string& detector, bool mesh, const std::filesystem::path& models, const cv::Mat& rgb) {
  if (!is_present(detector, mesh, models)) return;
  const FaceFinder finder(
      {.detector = detector, .models = models, .landmarks = mesh ? LandmarkUse::required : LandmarkUse::off});
  const std::vector<Detection> faces = finder.find(rgb);
  const auto work = [&] { finder.find(rgb); };
  const Timing one = timing(work);
  std::printf("%-26s %9.1f %9.1f   %zu faces, two workers do %.2f times as much\n", finder.name().c_str(), one.fastest,
              one.median, faces.size(), scaling(2, work));
  if (faces.empty()) return;
  const Timing face = timing([&] { heuristics::measure_calibrated(cut(faces[0], finder.landmark_box(), rgb), rgb); });
  std::printf("  crop and six measures    %9.1f %9.1f   a face\n", face.fastest, face.median);
}

int run(const std::filesystem::path& models, const std::filesystem::path& picture) {
  cv::setNumThreads(1);
  at::set_num_threads(1);
  omp_set_num_threads(1);
  const cv::Mat rgb = read_picture(picture);
  std::printf("one thread; %s at %dx%d\n", picture.c_str(), rgb.cols, rgb.rows);
  std::printf("matrix product, float32: %.0f GFLOP/s\n", detector::matmul_ceiling(at::kCPU, at::kFloat) / 1e9);
  std::printf("%-26s %9s %9s\n", "ms a picture", "fastest", "median");
  for (const bool mesh : {false, true})
    for (const char* detector : {"yunet", "mediapipe", "dlib", "haar"})
      if (!mesh || std::string(detector) == "yunet") measure_finder(detector, mesh, models, rgb);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "models", argc > 2 ? argv[2] : "tests/data/face/two_faces.jpg");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "faces_bench: %s\n", error.what());
    return 1;
  }
}
