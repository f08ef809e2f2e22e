#include "dfpipe/command.hpp"

namespace dfpipe {

Console::~Console() = default;
Command::~Command() = default;

}  // namespace dfpipe
