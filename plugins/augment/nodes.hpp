#pragma once

#include "dfpipe/plugin.hpp"

/// One function a node type, called by the plugin's entry point.
namespace dfpipe::augment {

void register_flip(Registrar& registrar);
void register_rotate(Registrar& registrar);
void register_random_resized_crop(Registrar& registrar);
void register_color_jitter(Registrar& registrar);
void register_social_media_degradation(Registrar& registrar);
void register_image_compression(Registrar& registrar);
void register_gaussian_blur(Registrar& registrar);
void register_degradations(Registrar& registrar);
void register_degrade(Registrar& registrar);
void register_downscale(Registrar& registrar);
void register_high_pass(Registrar& registrar);
void register_gaussian_noise(Registrar& registrar);
void register_iso_noise(Registrar& registrar);
void register_cut_out(Registrar& registrar);
void register_resize_chain(Registrar& registrar);
void register_augment_log(Registrar& registrar);
void register_augment_replay(Registrar& registrar);

}  // namespace dfpipe::augment
