#include "dfpipe/plugin.hpp"

namespace {
struct Other : dfpipe::Node {
  Other() : Node({.about = "Bears the name of a node of another plugin."}) {}
  void process(dfpipe::Item&) override {}
};
}  // namespace

DFPIPE_PLUGIN(same_type) {
  registrar.node<Other>("only-here");
  registrar.node<Other>("twice");
}
