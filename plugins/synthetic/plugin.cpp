#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(synthetic) { dfpipe::synthetic::register_synthetic_faces(registrar); }
