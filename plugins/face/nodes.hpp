#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::face {

void register_face_crop(Registrar& registrar);

}  // namespace dfpipe::face
