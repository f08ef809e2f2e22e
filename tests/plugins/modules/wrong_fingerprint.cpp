#include <cstdlib>

#include "dfpipe/plugin.hpp"

extern "C" __attribute__((visibility("default"))) const dfpipe_plugin_info* dfpipe_plugin_entry() {
  static const dfpipe_plugin_info info{dfpipe::abi_number, "gcc-4 cxx199711L abi0", "wrong_fingerprint",
                                       [](dfpipe::Registrar*) { std::abort(); }};
  return &info;
}
