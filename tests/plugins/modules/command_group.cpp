#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_group) {
  registrar.command<PlainCommand>("lamp");
  registrar.command<PlainCommand>("lamp light");
}
