#pragma once

#include "dfpipe/plugin.hpp"

namespace dfpipe::detector {

void register_bench_detector(Registrar& registrar);

}  // namespace dfpipe::detector
