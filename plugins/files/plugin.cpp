#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(files) {
  dfpipe::files::register_image_files(registrar);
  dfpipe::files::register_predictions(registrar);
}
