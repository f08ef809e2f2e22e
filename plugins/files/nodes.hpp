#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::files {

void register_image_files(Registrar& registrar);
void register_predictions(Registrar& registrar);

}  // namespace dfpipe::files
