#pragma once

#include <string>
#include <vector>

#include "plan/draft.hpp"

namespace dfpipe::plan {

/// A `--set` on its way to the node it names: pieces before `next` have been followed.
struct Override {
  const config::Setting* setting = nullptr;
  std::size_t next = 0;
};
Override followed(const Override& override);

/// Writes them into a node's map; reports those that name nothing. Gives back those for the nodes inside.
std::vector<Override> apply_overrides(Model& model, Tree& node, const std::string& owner,
                                      const std::vector<Override>& overrides);

}  // namespace dfpipe::plan
