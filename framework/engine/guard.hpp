#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace dfpipe::engine {

/// Runs `body`; what it throws becomes a sentence that begins with `who`, otherwise the sentence is empty.
template <class F>
std::string sentence_of(std::string_view who, F&& body) {
  try {
    body();
    return {};
  } catch (const std::exception& e) {
    return std::string(who) + ": " + e.what();
  } catch (...) {
    return std::string(who) + ": something that is not a std::exception was thrown";
  }
}

}  // namespace dfpipe::engine
