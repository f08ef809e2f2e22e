#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "dfpipe/types/basic.hpp"
#include "manipulation.hpp"
#include "nodes.hpp"
#include "recipe.hpp"

namespace dfpipe::synthetic {
namespace {

/// A part of the set: one camera, one split.
struct Part {
  std::string camera;
  std::string split;  ///< the folder's name
  std::int64_t count = 0;
  const std::vector<std::string>* kinds = nullptr;
};

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

/// Plans data sets of drawn portraits, one a camera, for detectors that are trained without anybody's photographs.
/// `draw-face` draws what is planned, `image-write` writes it, and `labelled-images` reads the folders that come out:
/// `path` is "camera-a/Train/Real/0001", "camera-a/Train/Fake/0001-swapped", …
///
/// Half of each split is "fake": every second picture, its kind taken in turn from `kinds`. The test splits hold the
/// kinds of `held_out` as well, which no other split does, in equal numbers. Kinds are explained at
/// [synthetic-faces](synthetic-faces.md). Size and JPEG quality are drawn independently of the label.
///
/// The n-th picture of a camera's split depends on `seed`, n and the drawing parameters alone: a larger set begins with
/// the smaller one. What tells the two classes apart tells nothing about photographs.
///
///     plan: {type: face-recipes, with: {train: 300, validation: 40, test: 80}}
class FaceRecipes final : public Source {
  struct Params : ParamSet {
    const std::int64_t& train = integer("train", 1500, {.about = "pictures for training, of each camera", .min = 0});
    const std::int64_t& validation =
        integer("validation", 200, {.about = "pictures for validation, of each camera", .min = 0});
    const std::int64_t& test = integer("test", 400, {.about = "pictures for testing, of each camera", .min = 0});
    const std::vector<std::string>& cameras = texts("cameras", {"a", "b"}, {.about = "a data set each: plain, a, b"});
    const std::vector<std::string>& kinds =
        texts("kinds", {"upsampled", "blended", "smoothed", "swapped"}, {.about = "manipulations of every split"});
    const std::vector<std::string>& held_out =
        texts("held_out", {"checkered", "resynthesised"}, {.about = "manipulations of the test splits alone"});
    const std::int64_t& size_min =
        integer("size_min", 160, {.about = "smallest width and height", .unit = "px", .min = 64, .max = 4096});
    const std::int64_t& size_max =
        integer("size_max", 256, {.about = "largest width and height", .unit = "px", .min = 64, .max = 4096});
    const std::int64_t& seed = integer("seed", 1, {.about = "another seed draws other pictures"});
  };

 public:
  FaceRecipes() : Source({.about = "Plan labelled data sets of drawn portraits, real and manipulated."}, &params_) {}

  void open(OpenContext&) override {
    check();
    test_kinds_ = params_.kinds;
    test_kinds_.insert(test_kinds_.end(), params_.held_out.begin(), params_.held_out.end());
    for (const std::string& camera : params_.cameras) {
      parts_.push_back({camera, "Train", params_.train, &params_.kinds});
      parts_.push_back({camera, "Validation", params_.validation, &params_.kinds});
      parts_.push_back({camera, "Test", params_.test, &test_kinds_});
    }
  }

  bool next(Item& item, std::stop_token stop) override {
    if (!at_picture() || stop.stop_requested()) return false;
    const Part& part = parts_[part_];
    const std::int64_t index = position_++;
    const bool fake = index % 2 == 1;
    const auto pair = static_cast<std::size_t>(index / 2);
    const std::uint64_t key = Random::mix(Random::hash("face-recipes/" + part.camera + "/" + part.split),
                                          static_cast<std::uint64_t>(params_.seed));
    Random random(key, static_cast<std::uint64_t>(index));
    const auto between = [&](std::int64_t low, std::int64_t high) {
      return static_cast<int>(low) + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    };
    Recipe recipe{.camera = part.camera};
    recipe.size = between(params_.size_min, params_.size_max);
    const Camera& with = camera(part.camera);
    recipe.quality = between(with.quality_low, with.quality_high);
    recipe.key = random.bits64();
    if (fake) recipe.kind = (*part.kinds)[pair % part.kinds->size()];

    char number[24];
    std::snprintf(number, sizeof number, "/%04zu", pair + 1);
    item.set(path_, "camera-" + part.camera + "/" + part.split + (fake ? "/Fake" : "/Real") + number +
                        (fake ? "-" + recipe.kind : ""));
    item.set(label_, std::string(fake ? "fake" : "real"));
    item.set(recipe_, std::move(recipe));
    return true;
  }

  bool skip() override {
    if (!at_picture()) return false;
    ++position_;
    return true;
  }

  std::optional<std::uint64_t> size() const override {
    std::int64_t all = 0;
    for (const Part& part : parts_) all += part.count;
    return static_cast<std::uint64_t>(all);
  }

 private:
  void check() const {
    if (params_.size_min > params_.size_max)
      throw std::invalid_argument("size_min (" + std::to_string(params_.size_min) + ") is above size_max (" +
                                  std::to_string(params_.size_max) + ")");
    if (params_.cameras.empty()) throw std::invalid_argument("cameras is empty: name one of " + listed(camera_names()));
    if (params_.kinds.empty()) throw std::invalid_argument("kinds is empty: name a manipulation");
    std::set<std::string> seen;
    for (const std::string& name : params_.cameras) {
      camera(name);
      if (!seen.insert(name).second) throw std::invalid_argument("camera '" + name + "' stands twice in cameras");
    }
    seen.clear();
    for (const auto* kinds : {&params_.kinds, &params_.held_out})
      for (const std::string& kind : *kinds) {
        check_manipulation_kind(kind);
        if (!seen.insert(kind).second)
          throw std::invalid_argument("manipulation '" + kind + "' stands twice in kinds and held_out");
      }
  }

  /// Moves to the next part that has a picture left; false at the end.
  bool at_picture() {
    for (; part_ < parts_.size(); ++part_, position_ = 0)
      if (position_ < parts_[part_].count) return true;
    return false;
  }

  Params params_;
  Out<Recipe> recipe_{this, "recipe", "what draw-face draws"};
  Out<std::string> path_{this, "path", "data set, split, class and number, without an extension, which a writer adds"};
  Out<std::string> label_{this, "label", "real or fake"};
  std::vector<std::string> test_kinds_;
  std::vector<Part> parts_;
  std::size_t part_ = 0;
  std::int64_t position_ = 0;
};

}  // namespace

void register_face_recipes(Registrar& registrar) { registrar.node<FaceRecipes>("face-recipes"); }

}  // namespace dfpipe::synthetic
