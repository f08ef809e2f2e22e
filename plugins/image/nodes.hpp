#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::image_nodes {

void register_decode(Registrar& registrar);
void register_clip_preprocess(Registrar& registrar);
void register_mirror(Registrar& registrar);
void register_image_write(Registrar& registrar);

}  // namespace dfpipe::image_nodes
