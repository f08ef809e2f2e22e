#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(explain) {
  dfpipe::explain::register_rollout(registrar);
  dfpipe::explain::register_encode(registrar);
  dfpipe::explain::register_spectrum_picture(registrar);
}
