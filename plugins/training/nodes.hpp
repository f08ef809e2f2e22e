#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type or command, called by the plugin's entry point.
namespace dfpipe::training {

void register_collate(Registrar& registrar);
void register_supcon_ce_loss(Registrar& registrar);
void register_optimize(Registrar& registrar);
void register_bench_training(Registrar& registrar);

}  // namespace dfpipe::training
