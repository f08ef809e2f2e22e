#pragma once

#include "dfpipe/plugin.hpp"

/// One function a command, called by the plugin's entry point.
namespace dfpipe::models {

void register_fetch(Registrar& registrar);

}  // namespace dfpipe::models
