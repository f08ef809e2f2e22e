#include "dfpipe/error.hpp"

namespace dfpipe {

// The destructors live here so that each exception class has one typeinfo in the process: plugins are loaded with
// RTLD_LOCAL, and a handler in the engine must recognise what a plugin throws.
Error::Error(const std::string& message, std::string code) : std::runtime_error(message), code_(std::move(code)) {}
Error::~Error() = default;
Fatal::~Fatal() = default;

}  // namespace dfpipe
