#include <stdexcept>

#include "dfpipe/plugin.hpp"

namespace {
struct Fragile : dfpipe::Command {
  Fragile() : Command({.about = "Cannot be made."}) { throw std::runtime_error("broke in the making"); }
  int run(dfpipe::Console&) override { return 0; }
};
}  // namespace

DFPIPE_PLUGIN(command_throws) { registrar.command<Fragile>("fragile"); }
