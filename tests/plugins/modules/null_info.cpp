#include "dfpipe/plugin.hpp"

extern "C" __attribute__((visibility("default"))) const dfpipe_plugin_info* dfpipe_plugin_entry() { return nullptr; }
