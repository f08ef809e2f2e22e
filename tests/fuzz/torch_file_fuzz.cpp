#include <ATen/ATen.h>

#include <set>

#include "error.hpp"
#include "heads.hpp"
#include "input_file.hpp"
#include "torch_file.hpp"
#include "train_state.hpp"

namespace dfpipe::detector {
namespace {

void load_tensors(const TorchFile& file, const Place& place, std::set<const Value*>& seen) {
  if (!seen.insert(&place.value()).second) return;
  if (place.is_tensor()) {
    if (file.load(place.tensor()).sizes() != at::IntArrayRef(place.tensor().shape)) std::abort();
  } else if (std::holds_alternative<Dict>(place.value().is)) {
    for (const auto& [key, value] : place.dict()) load_tensors(file, place[key], seen);
  } else if (std::holds_alternative<List>(place.value().is) || std::holds_alternative<Tuple>(place.value().is)) {
    for (const Place& item : place.items()) load_tensors(file, item, seen);
  }
}

template <typename Action>
void may_refuse(Action&& action) {
  try {
    action();
  } catch (const ModelError&) {  // anything else is a finding
  }
}

}  // namespace
}  // namespace dfpipe::detector

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::detector;
  static InputFile file;
  const std::string path = file.holding(data, size);
  may_refuse([&] {
    const TorchFile open(path);
    std::set<const Value*> seen;
    load_tensors(open, open.root(), seen);
    may_refuse([&] { Heads::load(path, 2); });
    may_refuse([&] { TrainState::load(path); });
  });
  return 0;
}
