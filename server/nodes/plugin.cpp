#include "nodes.hpp"

DFPIPE_PLUGIN(server) {
  dfpipe::server::register_http_server(registrar);
  dfpipe::server::register_http_source(registrar);
  dfpipe::server::register_face_answer(registrar);
  dfpipe::server::register_http_sink(registrar);
}
