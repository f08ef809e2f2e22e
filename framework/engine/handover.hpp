#pragma once

/// Tells the thread sanitizer of a hand-over through libtbb, which is not instrumented: what was written before
/// `handed_over(p)` is seen after `taken_over(p)`. Nothing in other builds.
#if defined(__SANITIZE_THREAD__)
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
namespace dfpipe::engine {
inline void handed_over(void* p) { __tsan_release(p); }
inline void taken_over(void* p) { __tsan_acquire(p); }
}  // namespace dfpipe::engine
#else
namespace dfpipe::engine {
inline void handed_over(void*) {}
inline void taken_over(void*) {}
}  // namespace dfpipe::engine
#endif
