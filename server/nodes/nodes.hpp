#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::server {

void register_http_server(Registrar& registrar);
void register_http_source(Registrar& registrar);
void register_face_answer(Registrar& registrar);
void register_http_sink(Registrar& registrar);

}  // namespace dfpipe::server
