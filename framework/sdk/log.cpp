#include <spdlog/spdlog.h>

#include "dfpipe/node.hpp"

namespace dfpipe {

void log(LogLevel level, const std::string& message) {
  switch (level) {
    case LogLevel::debug:
      spdlog::debug("{}", message);
      break;
    case LogLevel::info:
      spdlog::info("{}", message);
      break;
    case LogLevel::warning:
      spdlog::warn("{}", message);
      break;
    case LogLevel::error:
      spdlog::error("{}", message);
      break;
  }
}

}  // namespace dfpipe
