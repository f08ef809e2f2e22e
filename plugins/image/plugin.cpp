#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(image) {
  dfpipe::image_nodes::register_decode(registrar);
  dfpipe::image_nodes::register_clip_preprocess(registrar);
  dfpipe::image_nodes::register_mirror(registrar);
  dfpipe::image_nodes::register_image_write(registrar);
}
