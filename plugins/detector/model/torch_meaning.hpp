#pragma once

#include <map>
#include <string>
#include <vector>

#include "pickle.hpp"

namespace dfpipe::detector {

/// A storage as a pickle announces it.
struct StorageClaim {
  std::string key;
  at::ScalarType dtype = at::kFloat;
  std::uint64_t elements = 0;
  std::uint64_t bytes = 0;
};

/// The names that `torch.save` writes for tensors, and those that numpy writes for a single number: collections
/// OrderedDict; torch._utils _rebuild_tensor_v2, _rebuild_parameter; torch DoubleStorage … BoolStorage, torch.storage
/// UntypedStorage; numpy.core.multiarray or numpy._core.multiarray scalar, numpy dtype, _codecs encode. Anything else
/// is refused. Tensors are checked against their storage: no offset, size or stride reaches beyond it.
class TorchMeaning : public PickleMeaning {
 public:
  /// A tensor that repeats its storage may take `max_tensor_bytes`, but no more.
  explicit TorchMeaning(std::uint64_t max_tensor_bytes) : max_tensor_bytes_(max_tensor_bytes) {}

  void allow(const Global& name) const override;
  Value call(const Global& name, const Tuple& arguments) override;
  void set_state(Value& object, const Value& state) const override;
  Value persistent(const Value& id) override;

  const std::vector<StorageClaim>& storages() const noexcept { return storages_; }

 private:
  Value rebuild_tensor(const Tuple& arguments) const;

  std::uint64_t max_tensor_bytes_;
  std::vector<StorageClaim> storages_;
  std::map<std::string, std::size_t> by_key_;
};

/// For pickles that hold plain values: no name at all is allowed.
class PlainMeaning : public PickleMeaning {
 public:
  void allow(const Global& name) const override;
  Value call(const Global& name, const Tuple& arguments) override;
  void set_state(Value& object, const Value& state) const override;
  Value persistent(const Value& id) override;
};

}  // namespace dfpipe::detector
