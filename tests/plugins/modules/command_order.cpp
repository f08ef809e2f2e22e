#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const std::string& a = text("from", "", {.about = "may be left out", .positional = true});
  const std::string& b = text("to", "", {.about = "may not", .required = true, .positional = true});
};

DFPIPE_PLUGIN(command_order) { registrar.command<WithParams<Params>>("wrong"); }
