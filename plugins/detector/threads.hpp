#pragma once

namespace dfpipe::detector {

/// How many threads LibTorch, oneDNN and OpenBLAS may use when they are called from this one. For a plugin's
/// `on_thread_start`.
void use_threads(int count);

}  // namespace dfpipe::detector
