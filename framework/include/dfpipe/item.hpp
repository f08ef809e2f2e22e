#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "dfpipe/port.hpp"
#include "dfpipe/random.hpp"

namespace dfpipe {

enum class Phase : std::uint8_t { eval, train };

/// Marks that travel with every item, failed ones too. A source sets them; children inherit them.
struct Attributes {
  Phase phase = Phase::eval;
  std::uint32_t epoch = 0;
  bool last_of_epoch = false;
  std::string name;  ///< what people call the item ("photos/a.jpg"); messages about it begin with it
};

/// Where an item stands: `index` is the root's position in the source; `child` the path of list positions below it.
struct ItemKey {
  std::uint64_t index = 0;
  std::vector<std::uint32_t> child;

  /// "12", "12.0", "12.0.3"
  std::string text() const;
};

/// The random numbers of one node for one item, keyed by run seed, epoch, root index, child path and the node's name.
Random random_for(std::uint64_t seed, const Attributes& attributes, const ItemKey& key, std::uint64_t node_name_hash);

/// What a node sees of an item while it processes it. Inputs are const and shared; outputs are published when
/// `process` returns. A batched node sees its items joined: each input has the rows of all of them, and each output
/// must have as many rows.
class Item {
 public:
  virtual ~Item();

  template <class T>
  bool has(const In<T>& port) const {
    return input(port.index()).has();
  }
  /// The input's value. Throws std::logic_error when it is empty: ask `has` first for optional ports.
  template <class T>
  const T& operator[](const In<T>& port) const {
    return required(port.index()).template as<T>();
  }
  /// Why an input is empty; null when it is unconnected or has a value.
  template <class T>
  const ReasonPtr& why(const In<T>& port) const {
    return input(port.index()).why();
  }
  template <class T>
  void set(const Out<T>& port, T payload) {
    output(port.index(), Value::of<T>(std::move(payload)));
  }
  /// False when nobody reads the output: it need not be computed.
  template <class T>
  bool wanted(const Out<T>& port) const {
    return output_wanted(port.index());
  }

  virtual const Cell& input(int port) const = 0;
  virtual void output(int port, Value value) = 0;
  virtual bool output_wanted(int port) const = 0;

  /// A batched call has several keys; these two are then the first item's.
  virtual ItemKey key() const = 0;
  virtual const Attributes& attributes() const = 0;
  /// How many items this call holds: 1 unless the node is batched.
  virtual std::size_t count() const = 0;
  /// Random numbers keyed by (run seed, epoch, item, node): equal in every run with the same seed.
  virtual Random random() const = 0;
  /// Set when the run is aborted or nobody waits for the item: long work should return early.
  virtual bool cancelled() const = 0;

  /// Sources only.
  virtual void set_attributes(const Attributes& attributes) = 0;
  virtual void set_cancel(std::shared_ptr<const std::atomic<bool>> flag) = 0;

 private:
  const Value& required(int port) const;
};

}  // namespace dfpipe
