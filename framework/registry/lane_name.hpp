#pragma once

#include <string_view>

#include "dfpipe/node.hpp"

namespace dfpipe::registry {

constexpr std::string_view lane_name(Lane lane) {
  return lane == Lane::cpu ? "cpu" : lane == Lane::blocking ? "blocking" : "device";
}

}  // namespace dfpipe::registry
