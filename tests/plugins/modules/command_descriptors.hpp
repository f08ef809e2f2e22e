#pragma once

#include "dfpipe/plugin.hpp"

/// Commands that describe themselves wrongly.
struct PlainCommand : dfpipe::Command {
  PlainCommand() : Command({.about = "Has nothing wrong but its name."}) {}
  int run(dfpipe::Console&) override { return 0; }
};

/// A command with the parameters `P`.
template <class P>
struct WithParams : dfpipe::Command {
  P params;
  WithParams() : Command({.about = "Has wrong parameters."}, &params) {}
  int run(dfpipe::Console&) override { return 0; }
};
