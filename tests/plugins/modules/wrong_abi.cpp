#include "dfpipe/plugin.hpp"

// The fields after the number are garbage on purpose: another ABI may lay them out otherwise.
extern "C" __attribute__((visibility("default"))) const dfpipe_plugin_info* dfpipe_plugin_entry() {
  static const dfpipe_plugin_info info{dfpipe::abi_number + 7, reinterpret_cast<const char*>(1),
                                       reinterpret_cast<const char*>(1), nullptr};
  return &info;
}
