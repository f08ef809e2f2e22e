#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dfpipe/node.hpp"

namespace dfpipe::testing {

/// The item of a single call: what went in, and what came out.
class RunItem final : public Item {
 public:
  RunItem(std::string node_name, std::vector<Cell> inputs, std::vector<bool> wanted, ItemKey key, Attributes attributes,
          std::uint64_t seed)
      : node_name_(std::move(node_name)),
        inputs_(std::move(inputs)),
        outputs_(wanted.size()),
        wanted_(std::move(wanted)),
        key_(std::move(key)),
        attributes_(attributes),
        seed_(seed) {}

  const Cell& input(int port) const override { return inputs_.at(static_cast<std::size_t>(port)); }
  void output(int port, Value value) override { outputs_.at(static_cast<std::size_t>(port)) = Cell(std::move(value)); }
  bool output_wanted(int port) const override { return wanted_.at(static_cast<std::size_t>(port)); }
  ItemKey key() const override { return key_; }
  const Attributes& attributes() const override { return attributes_; }
  std::size_t count() const override { return 1; }
  Random random() const override { return random_for(seed_, attributes_, key_, Random::hash(node_name_)); }
  bool cancelled() const override { return cancel_ && cancel_->load(); }
  void set_attributes(const Attributes& attributes) override { attributes_ = attributes; }
  void set_cancel(std::shared_ptr<const std::atomic<bool>> flag) override { cancel_ = std::move(flag); }

  /// Gives every output that was not set the reason.
  void fill(const ReasonPtr& why) {
    for (Cell& cell : outputs_)
      if (!cell.has()) cell = Cell(why);
  }
  const std::vector<Cell>& outputs() const noexcept { return outputs_; }

 private:
  std::string node_name_;
  std::vector<Cell> inputs_;
  std::vector<Cell> outputs_;
  std::vector<bool> wanted_;
  ItemKey key_;
  Attributes attributes_;
  std::uint64_t seed_;
  std::shared_ptr<const std::atomic<bool>> cancel_;
};

}  // namespace dfpipe::testing
