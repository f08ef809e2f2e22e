#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "equal_bytes.hpp"
#include "nodes.hpp"
#include "recipe.hpp"

namespace dfpipe::synthetic {
namespace {

/// Draws the portrait of a recipe (see `face-recipes`): one face that fills the picture as it fills a detector's box
/// enlarged by 1.4, seen through the recipe's camera (lens, Bayer mosaic, noise, interpolation, white balance, tone,
/// sharpening), and manipulated where the recipe says so. Nothing is compressed yet: `quality` tells the writer what
/// the camera would take.
///
/// With `equal_bytes` a manipulated picture gets as much grain where it is manipulated as makes its JPEG file as large
/// as that of its genuine photograph would be, to 1 % in nearly all pictures. So no size of a file gives the label
/// away; but what many generators leave out, the finest detail, no longer does either. Without it a fake is as smooth
/// as its manipulation made it.
///
///     picture: {type: draw-face, in: {recipe: plan.recipe}}
class DrawFace final : public Node {
  struct Params : ParamSet {
    const bool& equal_bytes =
        boolean("equal_bytes", true, {.about = "give fakes grain until their files are as large as genuine ones"});
  };

 public:
  DrawFace() : Node({.about = "Draw one portrait, genuine or manipulated, as a camera sees it."}, &params_) {}

  void process(Item& item) override {
    const Recipe& recipe = item[recipe_];
    const Camera& with = camera(recipe.camera);
    Random random(recipe.key);
    const Scene scene = random_portrait(random, recipe.size, with.clutter);
    const Exposure exposure = random_exposure(random, with);
    const Photograph genuine{exposure, develop(random, scene.canvas, exposure)};
    Image image{genuine.pixels};
    if (!recipe.kind.empty()) {
      const Forgery forgery = forged(random, scene, genuine, with, recipe.kind);
      image.pixels =
          params_.equal_bytes ? with_equal_bytes(random, forgery, genuine.pixels, recipe.quality) : forgery.pixels;
    }
    item.set(image_, std::move(image));
    item.set(quality_, static_cast<double>(recipe.quality));
  }

 private:
  Params params_;
  In<Recipe> recipe_{this, "recipe", "what to draw"};
  Out<Image> image_{this, "image", "[size,size,3] uint8 RGB"};
  Out<double> quality_{this, "quality", "of the JPEG file the picture is meant for, as libjpeg counts it"};
};

}  // namespace

void register_draw_face(Registrar& registrar) { registrar.node<DrawFace>("draw-face"); }

}  // namespace dfpipe::synthetic
