#include "descriptors.hpp"

DFPIPE_PLUGIN(two_params) { registrar.node<TwoParams>("wrong"); }
