#include <stdexcept>

#include "dfpipe/plugin.hpp"

extern "C" __attribute__((visibility("default"))) const dfpipe_plugin_info* dfpipe_plugin_entry() {
  throw std::runtime_error("the oil is\nburnt \x1b[31mdown\x1b[0m");
}
