#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::face {

void register_face_crop(Registrar& registrar);
void register_face_image(Registrar& registrar);
void register_image_face(Registrar& registrar);
void register_main_face(Registrar& registrar);
void register_draw_faces(Registrar& registrar);

}  // namespace dfpipe::face
