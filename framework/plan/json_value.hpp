#pragma once

#include <nlohmann/json.hpp>
#include <type_traits>

#include "dfpipe/param.hpp"

namespace dfpipe::plan {

inline nlohmann::ordered_json json_value(const ParamValue& value) {
  return std::visit(
      [](const auto& v) -> nlohmann::ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::filesystem::path>) {
          return v.string();
        } else {
          return v;
        }
      },
      value);
}

}  // namespace dfpipe::plan
