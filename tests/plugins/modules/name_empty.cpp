#include "descriptors.hpp"

DFPIPE_PLUGIN(name_empty) { registrar.node<Plain>(""); }
