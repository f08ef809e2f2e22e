#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::explain {

void register_rollout(Registrar& registrar);
void register_encode(Registrar& registrar);
void register_spectrum_picture(Registrar& registrar);

}  // namespace dfpipe::explain
