#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const bool& a = boolean("-a", false, {.about = "begins with a hyphen"});
};

DFPIPE_PLUGIN(command_hyphen) { registrar.command<WithParams<Params>>("wrong"); }
