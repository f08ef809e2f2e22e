#include "dfpipe/plugin.hpp"

DFPIPE_PLUGIN(throws_number) { throw 42; }
