#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "dfpipe/types/sample.hpp"

namespace dfpipe::evaluation {

/// Numbers groups from 0 in the order they are met. A group belongs to its data set; a picture without one is a group
/// of its own.
class GroupNumbers {
 public:
  std::size_t of(const Sample& sample) {
    if (sample.group.empty()) return next_++;
    const auto [found, fresh] = known_.try_emplace({sample.dataset, sample.group}, next_);
    if (fresh) ++next_;
    return found->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::size_t> known_;
  std::size_t next_ = 0;
};

}  // namespace dfpipe::evaluation
