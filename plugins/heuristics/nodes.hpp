#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::heuristics {

void register_heuristics(Registrar& registrar);
void register_heuristics_reference(Registrar& registrar);

}  // namespace dfpipe::heuristics
