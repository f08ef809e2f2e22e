#include "dfpipe/plugin.hpp"

namespace {
struct Same : dfpipe::Node {
  Same() : Node({.about = "Is registered two times."}) {}
  void process(dfpipe::Item&) override {}
};
}  // namespace

DFPIPE_PLUGIN(type_twice) {
  registrar.node<Same>("same");
  registrar.node<Same>("same");
}
