#include "dfpipe/plugin.hpp"

namespace {
struct Silent : dfpipe::Command {
  Silent() : Command({}) {}
  int run(dfpipe::Console&) override { return 0; }
};
}  // namespace

DFPIPE_PLUGIN(command_silent) { registrar.command<Silent>("silent"); }
