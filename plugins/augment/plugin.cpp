#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(augment) {
  dfpipe::augment::register_flip(registrar);
  dfpipe::augment::register_rotate(registrar);
  dfpipe::augment::register_random_resized_crop(registrar);
  dfpipe::augment::register_color_jitter(registrar);
  dfpipe::augment::register_social_media_degradation(registrar);
  dfpipe::augment::register_image_compression(registrar);
  dfpipe::augment::register_gaussian_blur(registrar);
  dfpipe::augment::register_degradations(registrar);
  dfpipe::augment::register_degrade(registrar);
  dfpipe::augment::register_downscale(registrar);
  dfpipe::augment::register_high_pass(registrar);
  dfpipe::augment::register_gaussian_noise(registrar);
  dfpipe::augment::register_iso_noise(registrar);
  dfpipe::augment::register_cut_out(registrar);
  dfpipe::augment::register_resize_chain(registrar);
  dfpipe::augment::register_augment_log(registrar);
  dfpipe::augment::register_augment_replay(registrar);
}
