#include <cstdio>
#include <stdexcept>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "manipulation.hpp"
#include "nodes.hpp"
#include "scene.hpp"

namespace dfpipe::synthetic {
namespace {

/// Draws pictures of faces, so that a pipeline can be tried without anybody's photographs: shaded heads before a soft
/// background, seen through a camera with blur and noise. dlib's detector finds them while half a face's width, about
/// 0.2 `size` for one face and 0.29 `size` / n for n, is at least 21 px.
///
/// A share of them is "fake": every face is manipulated in one of `kinds`. In the inner face: upsampled, the regular
/// pattern of a transposed convolution; checkered, that of two in a row; blended, another face pasted in with its own
/// camera noise; swapped, another face rendered without any; smoothed, no pores, no noise. In the whole picture:
/// resynthesised, rendered without a camera and enlarged. Pictures without a face are "real". What tells these two
/// classes apart tells nothing about photographs.
///
/// Picture i depends on `seed`, i and the drawing parameters alone: never on threads, `count` or the run's seed.
/// `path` is "real_0001", "fake_0002", …: label and number from 1, without an extension, which a writer adds.
///
///     drawn: {type: synthetic-faces, with: {count: 200, faces_max: 2}}
class SyntheticFaces final : public Source {
  struct Params : ParamSet {
    const std::int64_t& count = integer("count", 100, {.about = "how many pictures", .min = 0});
    const std::int64_t& seed = integer("seed", 1, {.about = "another seed draws other pictures"});
    const std::int64_t& size =
        integer("size", 320, {.about = "width and height", .unit = "px", .min = 64, .max = 4096});
    const std::string& camera =
        choice("camera", "plain",
               {.about = "plain: blur, noise, gamma; a, b: a good and a cheap camera with a mosaic",
                .choices = camera_names()});
    const std::int64_t& faces_min = integer("faces_min", 1, {.about = "fewest faces in a picture", .min = 0, .max = 8});
    const std::int64_t& faces_max = integer("faces_max", 1, {.about = "most faces in a picture", .min = 0, .max = 8});
    const double& fake_share =
        real("fake_share", 0.5, {.about = "share of manipulated pictures, spread evenly", .min = 0, .max = 1});
    const std::vector<std::string>& kinds =
        texts("kinds", {"upsampled", "blended", "smoothed"}, {.about = "manipulations to choose from"});
  };

 public:
  SyntheticFaces() : Source({.about = "Draw pictures of faces, real and manipulated."}, &params_) {}

  void open(OpenContext&) override {
    if (params_.faces_min > params_.faces_max)
      throw std::invalid_argument("faces_min (" + std::to_string(params_.faces_min) + ") is above faces_max (" +
                                  std::to_string(params_.faces_max) + ")");
    if (params_.kinds.empty() && params_.fake_share > 0)
      throw std::invalid_argument("kinds is empty: name a manipulation or set fake_share to 0");
    for (const std::string& kind : params_.kinds) check_manipulation_kind(kind);
  }

  bool next(Item& item, std::stop_token stop) override {
    if (position_ >= params_.count || stop.stop_requested()) return false;
    const std::int64_t index = position_++;
    Random random(Random::mix(Random::hash("synthetic-faces"), static_cast<std::uint64_t>(params_.seed)),
                  static_cast<std::uint64_t>(index));
    const auto more = static_cast<std::uint64_t>(params_.faces_max - params_.faces_min) + 1;
    const auto faces = static_cast<int>(params_.faces_min) + static_cast<int>(random.below(more));
    const Scene scene = random_scene(random, static_cast<int>(params_.size), faces);

    const bool fake = faces > 0 && falls_to_fake(index);
    const std::string label = fake ? "fake" : "real";
    Image image;
    if (fake)
      image.pixels = manipulated_photograph(random, scene, camera(params_.camera),
                                            params_.kinds[random.below(params_.kinds.size())]);
    else
      image.pixels = photograph(random, scene.canvas, camera(params_.camera));

    char number[24];
    std::snprintf(number, sizeof number, "_%04lld", static_cast<long long>(index + 1));
    item.set(path_, label + number);
    item.set(label_, label);
    item.set(image_, std::move(image));
    return true;
  }

  bool skip() override {
    if (position_ >= params_.count) return false;
    ++position_;
    return true;
  }

  std::optional<std::uint64_t> size() const override { return static_cast<std::uint64_t>(params_.count); }

 private:
  /// Exactly the share asked for among the first n, for any n, to one picture.
  bool falls_to_fake(std::int64_t index) const {
    const auto until = [&](std::int64_t n) {
      return static_cast<std::int64_t>(static_cast<double>(n) * params_.fake_share);
    };
    return until(index + 1) > until(index);
  }

  Params params_;
  Out<Image> image_{this, "image", "[size,size,3] uint8 RGB"};
  Out<std::string> path_{this, "path", "the picture's name: label and number"};
  Out<std::string> label_{this, "label", "real or fake"};
  std::int64_t position_ = 0;
};

}  // namespace

void register_synthetic_faces(Registrar& registrar) { registrar.node<SyntheticFaces>("synthetic-faces"); }

}  // namespace dfpipe::synthetic
