#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_builtin) { registrar.command<PlainCommand>("run fast"); }
