#include "plan/draft.hpp"

#include <algorithm>
#include <utility>

namespace dfpipe::plan {

const Frame::Member* Frame::member(const std::string& name) const {
  const auto found = std::ranges::find(members, name, &std::pair<std::string, Member>::first);
  return found == members.end() ? nullptr : &found->second;
}

Draft* Model::add_draft(Frame& frame, const std::string& node, const Origin& at) {
  auto draft = std::make_unique<Draft>();
  draft->name = node;
  draft->full = frame.prefix + node;
  draft->at = at;
  draft->frame = &frame;
  draft->scope = frame.scope;
  draft->enabled = frame.enabled;
  drafts.push_back(std::move(draft));
  return drafts.back().get();
}

Frame* Model::add_frame(Frame* lexical, Group* group, int scope, std::string prefix) {
  auto frame = std::make_unique<Frame>();
  frame->lexical = lexical;
  frame->group = group;
  frame->scope = scope;
  frame->prefix = std::move(prefix);
  frames.push_back(std::move(frame));
  return frames.back().get();
}

std::string origin_text(const Tree& value) {
  if (!value.at.source) return {};
  std::string text = value.at.source->from_command_line ? "--set" : "from " + value.at.text();
  if (!value.param.empty()) text += ", parameter " + value.param;
  return text;
}

}  // namespace dfpipe::plan
