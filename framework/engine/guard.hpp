#pragma once

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

namespace dfpipe::engine {

/// An exception's message without the stack trace that LibTorch appends to its own, which differs from run to run.
inline std::string message_of(const std::exception& e) {
  const std::string_view all = e.what();
  std::string text(all.substr(0, std::min(all.find("\nException raised from "), all.find("\nframe #"))));
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

/// Runs `body`; what it throws becomes a sentence that begins with `who`, otherwise the sentence is empty.
template <class F>
std::string sentence_of(std::string_view who, F&& body) {
  try {
    body();
    return {};
  } catch (const std::exception& e) {
    return std::string(who) + ": " + message_of(e);
  } catch (...) {
    return std::string(who) + ": something that is not a std::exception was thrown";
  }
}

}  // namespace dfpipe::engine
