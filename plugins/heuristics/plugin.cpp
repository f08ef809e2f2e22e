#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(heuristics) {
  dfpipe::heuristics::register_heuristics(registrar);
  dfpipe::heuristics::register_heuristics_reference(registrar);
}
