#include "command_descriptors.hpp"

struct Params : dfpipe::ParamSet {
  const std::vector<std::string>& a = texts("all", {}, {.about = "takes everything", .positional = true});
  const std::string& b = text("rest", "", {.about = "gets nothing", .positional = true});
};

DFPIPE_PLUGIN(command_list) { registrar.command<WithParams<Params>>("wrong"); }
