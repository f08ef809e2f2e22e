#include "descriptors.hpp"

DFPIPE_PLUGIN(name_path) { registrar.node<Plain>("a b.c/d"); }
