#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_name) { registrar.command<PlainCommand>("Three little words"); }
