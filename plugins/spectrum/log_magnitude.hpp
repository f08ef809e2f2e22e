#pragma once

#include <cstdint>

namespace dfpipe::spectrum {

/// log(1 + |F|) of the two-dimensional, unnormalised DFT F of `gray`, natural logarithm, zero frequency moved to row
/// height/2, column width/2 (integer division; the shift of numpy's fftshift over both dimensions).
///
/// `gray` and `out` are row-major height x width floats and must not overlap; any size from 1x1 on. Safe to call from
/// several threads; the transform is planned once per size and always in the same way, so equal inputs give equal
/// bytes.
void log_magnitude_spectrum(const float* gray, std::int64_t height, std::int64_t width, float* out);

}  // namespace dfpipe::spectrum
