#pragma once

#include <stdexcept>

namespace dfpipe::detector {

/// A model folder, a weight file or a tensor that cannot be used. The message begins with the file and names the
/// tensor.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace dfpipe::detector
