#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type or command, called by the plugin's entry point.
namespace dfpipe::datasets {

void register_labelled_images(Registrar& registrar);
void register_read_sample(Registrar& registrar);
void register_balanced_batch(Registrar& registrar);
void register_data_scan(Registrar& registrar);
void register_data_audit(Registrar& registrar);

}  // namespace dfpipe::datasets
