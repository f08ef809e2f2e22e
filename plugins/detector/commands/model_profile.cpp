#include "model_profile.hpp"

#include <iomanip>
#include <sstream>

#include "clip_profile.hpp"
#include "error.hpp"

namespace dfpipe::detector {
namespace {

ClipProfile read_profile(const std::filesystem::path& file) {
  try {
    return parse_clip_profile(read_profile_text(file), file.string());
  } catch (const ModelError&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw ModelError(e.what());
  }
}

}  // namespace

std::string profile_text(const std::filesystem::path& file) {
  const ClipProfile p = read_profile(file);
  std::ostringstream text;
  text << std::setprecision(3);
  if (p.resize) {
    text << (p.filter == resample::Filter::bicubic ? "bicubic" : "bilinear");
    if (p.shortest_edge > 0)
      text << ", shorter side " << p.shortest_edge << ", ";
    else
      text << " to " << p.resize_width << 'x' << p.resize_height << ", ";
  }
  if (p.center_crop) text << "centre " << p.crop_width << 'x' << p.crop_height << ", ";
  if (p.rescale)
    text << "times " << p.rescale_factor;
  else
    text << "0 to 255";
  if (p.normalize) {
    text << ", mean";
    for (const double mean : p.mean) text << ' ' << mean;
    text << ", deviation";
    for (const double std : p.std) text << ' ' << std;
  }
  return text.str();
}

void require_fit(const std::filesystem::path& file, const ClipConfig& config) {
  const ClipProfile p = read_profile(file);
  const std::int64_t size = config.image_size;
  const bool exact = p.resize && p.shortest_edge == 0 && p.resize_width == size && p.resize_height == size;
  const bool fits = p.center_crop ? p.crop_width == size && p.crop_height == size : exact;
  const std::string wanted = std::to_string(size) + "x" + std::to_string(size);
  if (!fits)
    throw ModelError(file.string() + ": makes pictures of another size than the " + wanted + " that the model takes");
}

}  // namespace dfpipe::detector
