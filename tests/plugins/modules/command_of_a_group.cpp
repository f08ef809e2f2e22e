#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_of_a_group) { registrar.command<PlainCommand>("show more"); }
