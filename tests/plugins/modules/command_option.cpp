#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const bool& a = boolean("dry_run", false, {.about = "one"});
  const bool& b = boolean("dry-run", false, {.about = "and the same"});
};

DFPIPE_PLUGIN(command_option) { registrar.command<WithParams<Params>>("wrong"); }
