#include <stdexcept>

#include "dfpipe/plugin.hpp"

namespace {
struct Early : dfpipe::Node {
  Early() : Node({.about = "Is registered before its plugin gives up."}) {}
  void process(dfpipe::Item&) override {}
};
}  // namespace

DFPIPE_PLUGIN(throws) {
  registrar.node<Early>("early");
  throw std::runtime_error("no licence for the magic lantern");
}
