#include "dfpipe/plugin.hpp"

#include <opencv2/core/utility.hpp>

#include "nodes.hpp"
#include "threads.hpp"

DFPIPE_PLUGIN(face) {
  dfpipe::face::register_face_crop(registrar);
  dfpipe::face::register_face_image(registrar);
  dfpipe::face::register_image_face(registrar);
  dfpipe::face::register_main_face(registrar);
  dfpipe::face::register_draw_faces(registrar);
  registrar.on_thread_start([](dfpipe::Lane, int threads) {
    dfpipe::detector::use_threads(threads);
    // The engine's threads are the parallelism; OpenCV's own pool would fight them. That setting is the process's.
    static const int once = (cv::setNumThreads(1), 1);
    static_cast<void>(once);
  });
}
