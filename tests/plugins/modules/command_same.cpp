#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_same) { registrar.command<PlainCommand>("bare"); }
