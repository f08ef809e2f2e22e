#include "descriptors.hpp"

DFPIPE_PLUGIN(wrong_default) { registrar.node<WrongDefault>("wrong"); }
