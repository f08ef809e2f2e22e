#include "dfpipe/plugin.hpp"

void defined_in_a_library_that_was_not_linked();

DFPIPE_PLUGIN(unresolved) { defined_in_a_library_that_was_not_linked(); }
