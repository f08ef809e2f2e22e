#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(datasets) {
  dfpipe::datasets::register_labelled_images(registrar);
  dfpipe::datasets::register_read_sample(registrar);
  dfpipe::datasets::register_balanced_batch(registrar);
  dfpipe::datasets::register_data_scan(registrar);
  dfpipe::datasets::register_data_audit(registrar);
}
