#include "packed_linear.hpp"

#include <ATen/ATen.h>
#include <omp.h>

#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <tuple>

#include "page_buffer.hpp"

namespace dfpipe::detector::cpu {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

memory::data_type type_of(bool bf16) { return bf16 ? memory::data_type::bf16 : memory::data_type::f32; }

dnnl::primitive_attr attributes_of(Epilogue epilogue) {
  dnnl::post_ops after;
  if (epilogue == Epilogue::add) after.append_sum(1.0f);
  if (epilogue == Epilogue::quick_gelu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_swish, 1.702f, 0.0f);
  if (epilogue == Epilogue::gelu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_gelu_erf, 0.0f, 0.0f);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  // The library's own scratchpad belongs to the thread that prepared the product, not to the one that runs it.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

struct Product {
  dnnl::matmul primitive;
  memory::desc scratchpad;
};

/// At least `size` bytes that only this thread uses, kept for its next product.
void* scratchpad(std::size_t size) {
  thread_local PageBuffer own;
  if (own.size() < size) own = PageBuffer(size);
  return own.data();
}

}  // namespace

struct PackedLinear::State {
  memory::dim in = 0, out = 0;
  bool bf16 = false;
  at::Tensor bias;
  PageBuffer packed;
  memory weights;

  // A prepared product fits one number of rows and of threads.
  using Key = std::tuple<std::int64_t, Epilogue, bool, int>;
  std::mutex mutex;
  std::map<Key, Product> products;

  dnnl::matmul::primitive_desc describe(std::int64_t rows, Epilogue epilogue, bool bf16_out,
                                        const memory::desc& weights_desc) const {
    const memory::desc x({rows, in}, type_of(bf16), memory::format_tag::ab);
    const memory::desc b({1, out}, memory::data_type::f32, memory::format_tag::ab);
    const memory::desc y({rows, out}, type_of(bf16_out), memory::format_tag::ab);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::matmul::primitive_desc(engine(), x, weights_desc, b, y, attributes_of(epilogue));
#else
    return dnnl::matmul::primitive_desc(dnnl::matmul::desc(x, weights_desc, b, y), attributes_of(epilogue), engine());
#endif
  }

  Product product(std::int64_t rows, Epilogue epilogue, bool bf16_out) {
    const Key key{rows, epilogue, bf16_out, omp_get_max_threads()};
    const std::lock_guard lock(mutex);
    auto found = products.find(key);
    if (found == products.end()) {
      const auto described = describe(rows, epilogue, bf16_out, weights.get_desc());
      found = products.emplace(key, Product{dnnl::matmul(described), described.scratchpad_desc()}).first;
    }
    return found->second;
  }
};

PackedLinear::PackedLinear(const at::Tensor& weight, const at::Tensor& bias, at::ScalarType dtype)
    : state_(std::make_unique<State>()) {
  constexpr std::int64_t usual_rows = 257;
  const bool as_it_is = weight.scalar_type() == at::kFloat || weight.scalar_type() == at::kBFloat16;
  const at::Tensor readable = (as_it_is ? weight : weight.to(at::kFloat)).contiguous();
  State& s = *state_;
  s.in = readable.size(1);
  s.out = readable.size(0);
  s.bf16 = dtype == at::kBFloat16;
  s.bias = bias.to(at::kFloat).contiguous();
  const memory::desc any({s.in, s.out}, type_of(s.bf16), memory::format_tag::any);
  const memory::desc best = s.describe(usual_rows, Epilogue::none, false, any).weights_desc();
  s.packed = PageBuffer(best.get_size());
  s.weights = memory(best, engine(), s.packed.data());

  // Row-major [out,in] is the product's right factor [in,out] read column by column.
  const memory::desc plain({s.in, s.out}, type_of(readable.scalar_type() == at::kBFloat16), memory::format_tag::ba);
  memory from(plain, engine(), readable.data_ptr());
  dnnl::stream stream(engine());
  dnnl::reorder(from, s.weights).execute(stream, from, s.weights);
  stream.wait();
}

PackedLinear::~PackedLinear() = default;
PackedLinear::PackedLinear(PackedLinear&&) noexcept = default;

std::int64_t PackedLinear::in() const noexcept { return state_->in; }
std::int64_t PackedLinear::out() const noexcept { return state_->out; }
std::size_t PackedLinear::bytes() const noexcept { return state_->packed.size(); }

void PackedLinear::run(const Rows& x, std::int64_t rows, const Rows& y, Epilogue epilogue) const {
  const State& s = *state_;
  const Product product = state_->product(rows, epilogue, y.bf16);
  const auto rows_at = [&](std::int64_t width, bool bf16, void* data) {
    return memory({{rows, width}, type_of(bf16), memory::format_tag::ab}, engine(), data);
  };
  const memory::desc bias({1, s.out}, memory::data_type::f32, memory::format_tag::ab);
  dnnl::stream stream(engine());
  product.primitive.execute(
      stream, {{DNNL_ARG_SRC, rows_at(s.in, s.bf16, x.data)},
               {DNNL_ARG_WEIGHTS, s.weights},
               {DNNL_ARG_BIAS, memory(bias, engine(), s.bias.data_ptr())},
               {DNNL_ARG_DST, rows_at(s.out, y.bf16, y.data)},
               {DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, engine(), scratchpad(product.scratchpad.get_size()))}});
  stream.wait();
}

bool has_fast_bf16() {
  // Each instruction set is the bits of all that it includes.
  constexpr auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & wanted) == wanted;
}

}  // namespace dfpipe::detector::cpu
