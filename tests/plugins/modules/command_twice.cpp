#include "command_descriptors.hpp"

DFPIPE_PLUGIN(command_twice) {
  registrar.command<PlainCommand>("same");
  registrar.command<PlainCommand>("same");
}
