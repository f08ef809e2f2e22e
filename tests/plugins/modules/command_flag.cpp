#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const bool& a = boolean("force", false, {.about = "has no value to give", .positional = true});
};

DFPIPE_PLUGIN(command_flag) { registrar.command<WithParams<Params>>("wrong"); }
