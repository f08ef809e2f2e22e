#include <algorithm>

#include "degrading.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/degradation.hpp"
#include "dfpipe/types/face.hpp"
#include "nodes.hpp"

namespace dfpipe::augment {
namespace {

/// Lists what is to be done to each face, one after the other, for a `foreach` over it: nothing first, then JPEG, blur,
/// resizing and noise at the strengths that are named. An empty list leaves a kind out. A strength that would do
/// nothing, a blur or noise of 0, is left out as well: that is what the first one is for.
///
///     sweep: {type: degradations, in: {face: face}, with: {jpeg: [80, 40], blur: [], sizes: [], noise: []}}
class Degradations final : public Node {
  struct Params : ParamSet {
    const std::vector<double>& jpeg =
        reals("jpeg", {100, 80, 60, 40, 20, 10}, {.about = "JPEG qualities", .min = 1, .max = 100});
    const std::vector<double>& blur =
        reals("blur", {0.5, 1, 1.5, 2, 2.5, 3},
              {.about = "sigmas of a Gaussian blur", .unit = "pixels", .min = 0, .max = 30});
    const std::vector<double>& sizes =
        reals("sizes", {224, 112, 64},
              {.about = "the shorter side goes to so many pixels, and back", .unit = "pixels", .min = 1, .max = 16384});
    const std::vector<std::string>& filters =
        texts("filters", resize_filters(), {.about = "of resizing, each with every size"});
    const std::vector<double>& noise =
        reals("noise", {0.02, 0.05, 0.1, 0.15, 0.2},
              {.about = "standard deviations of normal noise", .unit = "of 1.0 = 255", .min = 0, .max = 1});
  };

 public:
  Degradations() : Node({.about = "List the degradations of a robustness sweep for each face."}, &params_) {}

  void open(OpenContext&) override {
    all_.push_back({});
    const auto add = [&](Degradation::Kind kind, const std::vector<double>& strengths, const std::string& filter) {
      for (const double strength : strengths)
        if (Degradation one{kind, strength, filter}; strength > 0) {
          if (kind == Degradation::Kind::jpeg || kind == Degradation::Kind::resize) check_whole(one);
          if (std::ranges::find(all_, one) == all_.end()) all_.push_back(std::move(one));
        }
    };
    add(Degradation::Kind::jpeg, params_.jpeg, "");
    add(Degradation::Kind::blur, params_.blur, "");
    for (const std::string& filter : params_.filters) {
      if (std::ranges::find(resize_filters(), filter) == resize_filters().end())
        throw std::runtime_error("filters: '" + filter + "' is none (" + joined(resize_filters()) + ")");
      add(Degradation::Kind::resize, params_.sizes, filter);
    }
    add(Degradation::Kind::noise, params_.noise, "");
  }

  void process(Item& item) override {
    List<Degradation> list;
    for (const Degradation& one : all_) list.push_back(one);
    item.set(settings_, std::move(list));
  }

 private:
  static void check_whole(const Degradation& one) {
    if (one.strength != static_cast<double>(static_cast<std::int64_t>(one.strength)))
      throw std::runtime_error(std::string(word(one.kind)) + ": " + std::to_string(one.strength) +
                               " is no whole number");
  }
  static std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

  Params params_;
  In<Face> face_{this, "face", "whatever is to be degraded; it is not looked at"};
  Out<List<Degradation>> settings_{this, "settings", "the same for every face, nothing first"};
  std::vector<Degradation> all_;
};

}  // namespace

void register_degradations(Registrar& registrar) { registrar.node<Degradations>("degradations"); }

}  // namespace dfpipe::augment
