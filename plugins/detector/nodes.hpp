#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::detector {

void register_clip_dora(Registrar& registrar);
void register_spectrum_cnn(Registrar& registrar);
void register_fusion_head(Registrar& registrar);
void register_soft_vote(Registrar& registrar);
void register_face_result(Registrar& registrar);
void register_features(Registrar& registrar);

}  // namespace dfpipe::detector
