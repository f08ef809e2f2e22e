#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const std::int64_t& a = integer("n", 7, {.about = "out of range", .max = 3});
};

DFPIPE_PLUGIN(command_default) { registrar.command<WithParams<Params>>("wrong"); }
