#pragma once

#include <memory>
#include <stdexcept>
#include <string>

namespace dfpipe {

/// What a node throws when *this item* cannot be processed. The run goes on; the item's row says why.
/// `code` is a short stable word for machines ("truncated", "too_large", …); the message is for people.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, std::string code = "error");
  ~Error() override;
  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

/// What a node throws when the *whole run* cannot go on: a disk that is full, a model that vanished.
class Fatal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~Fatal() override;
};

/// Why a value is not there.
struct Reason {
  enum class Kind {
    error,     ///< a node threw
    absent,    ///< the node chose not to give this output
    disabled,  ///< the node is switched off in the file
    stopped,   ///< the run was stopped before the node was called
    cancelled  ///< nobody waits for this item any more
  };
  Kind kind = Kind::error;
  std::string node;     ///< full node name, e.g. "per-face/clip"
  std::string code;     ///< Error::code(), or the kind's name
  std::string message;  ///< one sentence without the node name

  /// "node 'decode': truncated: the scan data end early"
  std::string text() const;
};

using ReasonPtr = std::shared_ptr<const Reason>;

}  // namespace dfpipe
