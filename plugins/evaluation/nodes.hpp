#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::evaluation {

void register_calibrate(Registrar& registrar);
void register_metrics(Registrar& registrar);
void register_robustness_table(Registrar& registrar);

}  // namespace dfpipe::evaluation
