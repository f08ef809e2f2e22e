#include "process_memory.hpp"

#include <fstream>
#include <string>

namespace dfpipe::detector {
namespace {

std::size_t status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stoul(line.substr(key.size())) * 1024;
  return 0;
}

}  // namespace

std::size_t present_memory() { return status_bytes("VmRSS:"); }

std::size_t peak_memory() { return status_bytes("VmHWM:"); }

void forget_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace dfpipe::detector
