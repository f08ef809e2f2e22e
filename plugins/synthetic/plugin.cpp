#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(synthetic) {
  dfpipe::synthetic::register_synthetic_faces(registrar);
  dfpipe::synthetic::register_face_recipes(registrar);
  dfpipe::synthetic::register_draw_face(registrar);
}
