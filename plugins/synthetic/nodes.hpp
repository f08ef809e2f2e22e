#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::synthetic {

void register_synthetic_faces(Registrar& registrar);
void register_face_recipes(Registrar& registrar);
void register_draw_face(Registrar& registrar);

}  // namespace dfpipe::synthetic
