#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_alike) {
  registrar.command<PlainCommand>("lamp-light");
  registrar.command<PlainCommand>("lamp light");
}
