#include "dfpipe/plugin.hpp"
#include "nodes.hpp"
#include "threads.hpp"

DFPIPE_PLUGIN(training) {
  dfpipe::training::register_collate(registrar);
  dfpipe::training::register_supcon_ce_loss(registrar);
  dfpipe::training::register_optimize(registrar);
  dfpipe::training::register_bench_training(registrar);
  registrar.on_thread_start([](dfpipe::Lane, int threads) { dfpipe::detector::use_threads(threads); });
}
