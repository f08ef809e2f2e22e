#include "dfpipe/plugin.hpp"

#include "nodes.hpp"

DFPIPE_PLUGIN(face) { dfpipe::face::register_face_crop(registrar); }
