#include "descriptors.hpp"

DFPIPE_PLUGIN(two_inputs) { registrar.node<TwoInputs>("wrong"); }
