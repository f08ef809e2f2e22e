#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(evaluation) {
  dfpipe::evaluation::register_calibrate(registrar);
  dfpipe::evaluation::register_metrics(registrar);
  dfpipe::evaluation::register_robustness_table(registrar);
}
