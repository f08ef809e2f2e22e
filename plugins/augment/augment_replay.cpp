#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "dfpipe/node.hpp"
#include "dfpipe/types/image.hpp"
#include "nodes.hpp"
#include "operations/operations.hpp"

namespace dfpipe::augment {
namespace {

/// Does to each picture what a log of `augment-log` says was done to the item of the same number and epoch: the same
/// pixels, whatever the seed. An item that is not in the log, and parameters that cannot be, are the item's errors; a
/// file that is no log is the run's.
///
///     replayed: {type: augment-replay, in: {image: decode.image}, with: {file: out/augmentations.jsonl}}
class AugmentReplay final : public Node {
  struct Params : ParamSet {
    const std::filesystem::path& file = path("file", "", {.about = "written by augment-log", .required = true});
  };

 public:
  AugmentReplay() : Node({.about = "Apply logged augmentations again."}, &params_) {}

  void open(OpenContext&) override {
    std::ifstream in(params_.file, std::ios::binary);
    if (!in) throw std::runtime_error(params_.file.string() + " cannot be read");
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      try {
        const Json entry = Json::parse(line);
        const Key key{entry.at("epoch").get<std::uint32_t>(), entry.at("item").get<std::string>()};
        if (!entry.at("steps").is_array()) throw std::runtime_error("steps is no list");
        if (!steps_.emplace(key, entry.at("steps").dump()).second)
          throw std::runtime_error("the item stands there twice");
      } catch (const std::exception& error) {
        throw std::runtime_error(params_.file.string() + ":" + std::to_string(number) +
                                 ": is no line of augment-log: " + error.what());
      }
    }
  }

  void process(Item& item) override {
    const Image& image = item[image_];
    if (image.pixels.empty()) throw Error("the picture has no pixels", "empty_image");
    const auto found = steps_.find(Key{item.attributes().epoch, item.key().text()});
    if (found == steps_.end()) throw Error("the log has no item " + item.key().text() + " in this epoch", "not_logged");
    Image out = image;
    for (const Json& step : Json::parse(found->second)) out.pixels = apply_step(step, out.pixels);
    item.set(out_, std::move(out));
  }

 private:
  using Key = std::pair<std::uint32_t, std::string>;

  static cv::Mat apply_step(const Json& step, const cv::Mat& pixels) {
    try {
      const Rules rules = step.at("rules") == "2.x" ? Rules::v2 : Rules::v1;
      return apply(step.at("transform").get<std::string>(), pixels, step.at("drawn"), rules);
    } catch (const Json::exception& error) {
      throw Error(std::string("a step of the log is incomplete: ") + error.what(), "parameters");
    }
  }

  Params params_;
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB, as it was when it was logged"};
  Out<Image> out_{this, "image", "[H,W,3] uint8 RGB"};
  std::map<Key, std::string> steps_;
};

}  // namespace

void register_augment_replay(Registrar& registrar) { registrar.node<AugmentReplay>("augment-replay"); }

}  // namespace dfpipe::augment
