#include "transform_node.hpp"

#include <stdexcept>

namespace dfpipe::augment {

void TransformNode::check_order(const char* low_name, double low, const char* high_name, double high) {
  if (low > high) throw std::runtime_error(std::string(low_name) + " is above " + high_name);
}

void TransformNode::process(Item& item) {
  const Image& image = item[image_];
  if (image.pixels.empty()) throw Error("the picture has no pixels", "empty_image");
  Augmentations history = item.has(history_) ? item[history_] : Augmentations{};
  Random random = item.random();
  const bool training = item.attributes().phase == Phase::train || params_.when == "always";
  if (!training || !(random.uniform() < params_.p)) {
    item.set(out_, image);
    item.set(done_, std::move(history));
    return;
  }
  const Json drawn = draw(random, image.pixels.size());
  Image out = image;
  out.pixels = apply(transform_, image.pixels, drawn, rules());
  if (item.wanted(done_))
    history.steps.push_back(Json{{"transform", transform_}, {"rules", params_.rules}, {"drawn", drawn}}.dump());
  item.set(out_, std::move(out));
  item.set(done_, std::move(history));
}

}  // namespace dfpipe::augment
