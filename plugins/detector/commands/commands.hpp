#pragma once

#include "dfpipe/plugin.hpp"

/// One function a command, called by the plugin's entry point.
namespace dfpipe::detector {

void register_bench_detector(Registrar& registrar);
void register_model_info(Registrar& registrar);
void register_model_import(Registrar& registrar);
void register_model_merge(Registrar& registrar);
void register_model_export(Registrar& registrar);
void register_model_verify(Registrar& registrar);

}  // namespace dfpipe::detector
