#include "dfpipe/plugin.hpp"
#include "dfpipe/types/basic.hpp"

namespace {
struct Lamp : dfpipe::Resource {
  struct Params : dfpipe::ParamSet {
    const std::int64_t& watts = integer("watts", 40, {.about = "how bright", .min = 0});
  } params;
  Lamp() : Resource("Sheds light.", &params) {}
};

/// Doubles its input; negative numbers are an item's error.
class Twice : public dfpipe::Node {
 public:
  Twice() : Node({.about = "Doubles a number."}) {}
  void process(dfpipe::Item& item) override {
    if (item[number_] < 0) throw dfpipe::Error("negative numbers are refused", "negative");
    item.set(twice_, 2 * item[number_]);
  }

 private:
  dfpipe::In<double> number_{this, "number", "what is doubled"};
  dfpipe::Out<double> twice_{this, "twice", "twice the number"};
};
}  // namespace

template <>
struct dfpipe::ResourceType<Lamp> {
  static constexpr std::string_view name = "lamp";
};

DFPIPE_PLUGIN(good) {
  registrar.node<Twice>("twice");
  registrar.resource<Lamp>();
  registrar.on_thread_start([](dfpipe::Lane, int) {});
}
