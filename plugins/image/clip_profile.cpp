#include "clip_profile.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace dfpipe {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t largest_edge = 16384;

/// One JSON object and what to call it in an error.
class Reader {
 public:
  Reader(const Json& object, std::string place) : object_(object), place_(std::move(place)) {}

  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw std::runtime_error(place_ + ": " + key + ": " + what);
  }
  const Json* find(const std::string& key) const {
    auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  void boolean(const std::string& key, bool& value) const {
    const Json* v = find(key);
    if (!v) return;
    if (!v->is_boolean()) fail(key, "true or false is wanted, got " + v->dump());
    value = v->get<bool>();
  }
  std::int64_t edge(const std::string& key, const Json& v) const {
    if (!v.is_number_integer() || v < 1 || v > largest_edge)
      fail(key, "a whole number from 1 to " + std::to_string(largest_edge) + " is wanted, got " + v.dump());
    return v.get<std::int64_t>();
  }
  double finite(const std::string& key, const Json& v) const {
    if (!v.is_number() || !std::isfinite(v.get<double>())) fail(key, "a number is wanted, got " + v.dump());
    return v.get<double>();
  }
  void channels(const std::string& key, std::array<double, 3>& value) const {
    const Json* v = find(key);
    if (!v) return;
    if (!v->is_array() || v->size() != 3) fail(key, "3 numbers (R, G, B) are wanted, got " + v->dump());
    for (std::size_t c = 0; c < 3; ++c) value[c] = finite(key + "[" + std::to_string(c) + "]", (*v)[c]);
  }

 private:
  const Json& object_;
  std::string place_;
};

void read_size(const Reader& in, ClipProfile& profile) {
  const Json* size = in.find("size");
  if (!size) return;
  if (!size->is_object()) {
    profile.shortest_edge = in.edge("size", *size);
  } else if (size->contains("shortest_edge")) {
    profile.shortest_edge = in.edge("size.shortest_edge", (*size)["shortest_edge"]);
  } else if (size->contains("height") && size->contains("width")) {
    profile.shortest_edge = 0;
    profile.resize_height = in.edge("size.height", (*size)["height"]);
    profile.resize_width = in.edge("size.width", (*size)["width"]);
  } else {
    in.fail("size", "wants a number, shortest_edge, or height and width, got " + size->dump());
  }
}

void read_crop(const Reader& in, ClipProfile& profile) {
  const Json* crop = in.find("crop_size");
  if (!crop) return;
  if (!crop->is_object()) {
    profile.crop_width = profile.crop_height = static_cast<int>(in.edge("crop_size", *crop));
  } else if (crop->contains("height") && crop->contains("width")) {
    profile.crop_height = static_cast<int>(in.edge("crop_size.height", (*crop)["height"]));
    profile.crop_width = static_cast<int>(in.edge("crop_size.width", (*crop)["width"]));
  } else {
    in.fail("crop_size", "wants a number, or height and width, got " + crop->dump());
  }
}

void read_filter(const Reader& in, ClipProfile& profile) {
  const Json* filter = in.find("resample");
  if (!filter) return;
  if (*filter == 3) {
    profile.filter = resample::Filter::bicubic;
  } else if (*filter == 2) {
    profile.filter = resample::Filter::bilinear;
  } else {
    in.fail("resample", "3 (bicubic) and 2 (bilinear) are supported, got " + filter->dump());
  }
}

void read_values(const Reader& in, ClipProfile& profile) {
  if (const Json* factor = in.find("rescale_factor")) profile.rescale_factor = in.finite("rescale_factor", *factor);
  if (profile.rescale_factor <= 0) in.fail("rescale_factor", "must be above 0");
  in.channels("image_mean", profile.mean);
  in.channels("image_std", profile.std);
  for (double s : profile.std)
    if (s <= 0) in.fail("image_std", "must be above 0");
  for (const auto& channel : profile.table())
    for (const float value : channel)
      if (!std::isfinite(value)) in.fail("rescale_factor, image_mean, image_std", "together give no finite numbers");
}

}  // namespace

resample::Size ClipProfile::resized(std::int64_t width, std::int64_t height) const {
  if (!resize) return {width, height};
  if (shortest_edge == 0) return {resize_width, resize_height};
  const std::int64_t shorter = std::min(width, height), longer = std::max(width, height);
  const std::int64_t other = static_cast<std::int64_t>(static_cast<double>(shortest_edge * longer) / shorter);
  return width <= height ? resample::Size{shortest_edge, other} : resample::Size{other, shortest_edge};
}

std::array<std::array<float, 256>, 3> ClipProfile::table() const {
  std::array<std::array<float, 256>, 3> out{};
  for (std::size_t c = 0; c < 3; ++c)
    for (int level = 0; level < 256; ++level) {
      float value = rescale ? static_cast<float>(level * rescale_factor) : static_cast<float>(level);
      if (normalize) value = (value - static_cast<float>(mean[c])) / static_cast<float>(std[c]);
      out[c][static_cast<std::size_t>(level)] = value;
    }
  return out;
}

ClipProfile parse_clip_profile(const std::string& text, const std::string& shown_name) {
  Json object;
  try {
    object = Json::parse(text);
  } catch (const Json::parse_error& e) {
    throw std::runtime_error(shown_name + ": no valid JSON at byte " + std::to_string(e.byte));
  } catch (const Json::out_of_range&) {
    throw std::runtime_error(shown_name + ": a number in the JSON is too large");
  }
  if (!object.is_object()) throw std::runtime_error(shown_name + ": a JSON object is wanted");
  const Reader in(object, shown_name);
  ClipProfile profile;
  bool to_rgb = true;
  in.boolean("do_convert_rgb", to_rgb);  // pictures are RGB here before they arrive
  in.boolean("do_resize", profile.resize);
  in.boolean("do_center_crop", profile.center_crop);
  in.boolean("do_rescale", profile.rescale);
  in.boolean("do_normalize", profile.normalize);
  read_size(in, profile);
  read_crop(in, profile);
  read_filter(in, profile);
  read_values(in, profile);
  return profile;
}

std::string read_profile_text(const std::filesystem::path& file) {
  std::error_code ignored;
  // Asked before the file is opened: a FIFO would wait for a writer.
  if (std::filesystem::exists(file, ignored) && !std::filesystem::is_regular_file(file, ignored))
    throw std::runtime_error(file.string() + ": is no regular file");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw std::runtime_error(file.string() + ": cannot be read: " + std::strerror(errno));
  return text.str();
}

}  // namespace dfpipe
