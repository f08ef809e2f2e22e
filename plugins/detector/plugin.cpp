#include "dfpipe/plugin.hpp"
#include "commands/commands.hpp"
#include "detector.hpp"
#include "nodes.hpp"
#include "threads.hpp"

DFPIPE_PLUGIN(detector) {
  registrar.resource<dfpipe::detector::Detector>();
  dfpipe::detector::register_clip_dora(registrar);
  dfpipe::detector::register_spectrum_cnn(registrar);
  dfpipe::detector::register_fusion_head(registrar);
  dfpipe::detector::register_soft_vote(registrar);
  dfpipe::detector::register_face_result(registrar);
  dfpipe::detector::register_features(registrar);
  dfpipe::detector::register_bench_detector(registrar);
  dfpipe::detector::register_model_info(registrar);
  dfpipe::detector::register_model_import(registrar);
  dfpipe::detector::register_model_merge(registrar);
  dfpipe::detector::register_model_export(registrar);
  dfpipe::detector::register_model_verify(registrar);
  registrar.on_thread_start([](dfpipe::Lane, int threads) { dfpipe::detector::use_threads(threads); });
}
