#include <ATen/Parallel.h>
#include <omp.h>

#include "commands/commands.hpp"
#include "detector.hpp"
#include "dfpipe/plugin.hpp"
#include "nodes.hpp"

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
  registrar.on_thread_start([](dfpipe::Lane, int threads) {
    // Torch's own setting is process-wide, but each thread reads it only once, at its first use: let it do so now, then
    // set what OpenMP (LibTorch's loops, oneDNN, OpenBLAS) uses on this thread.
    at::get_num_threads();
    omp_set_num_threads(threads);
  });
}
