#include <stdexcept>

#include "dfpipe/plugin.hpp"

namespace {
int lit() { throw std::runtime_error("no match"); }
const int flame = lit();
}  // namespace

DFPIPE_PLUGIN(throwing_static) {}
