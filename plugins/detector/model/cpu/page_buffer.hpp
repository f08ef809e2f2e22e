#pragma once

#include <cstddef>

namespace dfpipe::detector::cpu {

/// Zeroed memory straight from the kernel and straight back to it: an allocator would keep such blocks. (Huge pages
/// were measured: no faster product, and making them can take longer than reading the weights.) Throws std::bad_alloc.
class PageBuffer {
 public:
  PageBuffer() = default;
  explicit PageBuffer(std::size_t size);
  ~PageBuffer();
  PageBuffer(PageBuffer&& other) noexcept;
  PageBuffer& operator=(PageBuffer&& other) noexcept;

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  template <class T>
  T* as() const noexcept {
    return reinterpret_cast<T*>(data_);
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace dfpipe::detector::cpu
