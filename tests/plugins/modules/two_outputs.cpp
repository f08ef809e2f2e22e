#include "descriptors.hpp"

DFPIPE_PLUGIN(two_outputs) { registrar.node<TwoOutputs>("wrong"); }
