#pragma once

namespace dfpipe::training {

/// From now on the process keeps the memory of large tensors that are let go of, for the next ones of their size. The C
/// library otherwise gives each back to the system at once, and gets fresh pages for the same tensor of the next step:
/// of a step of the spectrum's CNN on 32 pictures that was more than half of the time. Nothing where the C library is
/// not glibc.
void keep_large_blocks();

}  // namespace dfpipe::training
