#include "descriptors.hpp"

DFPIPE_PLUGIN(name_break) { registrar.node<Plain>("line\nbreak"); }
