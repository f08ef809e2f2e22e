#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "engine/engine.hpp"

namespace dfpipe::engine {
namespace {

/// CPUs the cgroup's quota is worth, or a large number. Reads cgroup v2 and v1.
double quota_cpus() {
  std::string quota;
  double period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period && quota != "max" && period > 0)
    return std::stod(quota) / period;
  double microseconds = 0;
  std::ifstream quota_v1("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), period_v1("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (quota_v1 >> microseconds && period_v1 >> period && microseconds > 0 && period > 0) return microseconds / period;
  return 1e9;
}

}  // namespace

int available_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affinity = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return std::max(1, static_cast<int>(std::min<double>(affinity, std::ceil(quota_cpus()))));
}

}  // namespace dfpipe::engine
