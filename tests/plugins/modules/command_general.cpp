#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const bool& quiet = boolean("quiet", false, {.about = "a general option's name"});
};

DFPIPE_PLUGIN(command_general) { registrar.command<WithParams<Params>>("wrong"); }
