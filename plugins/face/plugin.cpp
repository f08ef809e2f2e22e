#include <ATen/Parallel.h>
#include <omp.h>

#include "dfpipe/plugin.hpp"
#include "nodes.hpp"

DFPIPE_PLUGIN(face) {
  dfpipe::face::register_face_crop(registrar);
  registrar.on_thread_start([](dfpipe::Lane, int threads) {
    // As the detector's plugin does: Torch's process-wide setting is read once by each thread, then this one holds.
    at::get_num_threads();
    omp_set_num_threads(threads);
  });
}
