#pragma once

#include "augmentations.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/image.hpp"
#include "operations/operations.hpp"

namespace dfpipe::augment {

/// What every transform can be told.
struct TransformParams : ParamSet {
  explicit TransformParams(double usual_p) : usual_p_(usual_p) {}

 private:
  double usual_p_;

 public:
  const double& p = real("p", usual_p_, {.about = "how often it is done, of all training items", .min = 0, .max = 1});
  const std::string& rules = choice(
      "rules", "1.x", {.about = "whose arithmetic: that of Albumentations 1.x or 2.x", .choices = {"1.x", "2.x"}});
  const std::string& when =
      choice("when", "training",
             {.about = "for items of the training phase, or for all items", .choices = {"training", "always"}});
};

/// A transform of training augmentation. It is done with probability `p`, with parameters drawn from the item's own
/// random numbers: they depend on the run's seed, the epoch, the item and the node's name, never on threads, on order
/// or on other transforms. Items of the evaluation phase pass untouched.
class TransformNode : public Node {
 public:
  void process(Item& item) final;

 protected:
  /// `transform` is the name in logs, one of `operations()`.
  TransformNode(const char* transform, std::string about, TransformParams* params)
      : Node({.about = std::move(about)}, params), transform_(transform), params_(*params) {}

  virtual Json draw(Random& random, cv::Size picture) const = 0;
  Rules rules() const { return params_.rules == "1.x" ? Rules::v1 : Rules::v2; }

  /// For `open`: throws when low is above high.
  static void check_order(const char* low_name, double low, const char* high_name, double high);

 private:
  const char* transform_;
  const TransformParams& params_;
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB"};
  OptionalIn<Augmentations> history_{this, "history", "what was done to the picture before"};
  Out<Image> out_{this, "image", "[H,W,3] uint8 RGB; the same picture where nothing is done"};
  Out<Augmentations> done_{this, "history", "the history, and what was drawn here"};
};

}  // namespace dfpipe::augment
