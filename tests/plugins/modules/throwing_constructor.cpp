#include <stdexcept>

#include "dfpipe/plugin.hpp"

namespace {
struct Fragile : dfpipe::Node {
  Fragile() : Node({.about = "Cannot be made."}) { throw std::runtime_error("broke in the making"); }
  void process(dfpipe::Item&) override {}
};
}  // namespace

DFPIPE_PLUGIN(throwing_constructor) { registrar.node<Fragile>("fragile"); }
