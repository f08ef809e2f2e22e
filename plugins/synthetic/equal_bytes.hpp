#pragma once

#include "manipulation.hpp"

namespace dfpipe::synthetic {

/// The forgery as somebody gives it away who hides it: monochrome grain over what is manipulated, as much as makes the
/// JPEG file as large as the genuine photograph's. Otherwise a face without noise would tell itself by the size of its
/// file. Where there is too much detail already, it is blurred instead.
///
/// Both are compared at `quality`, and come within 1 % wherever some grain does it. [S,S] uint8 RGB.
cv::Mat with_equal_bytes(Random& random, const Forgery& forgery, const cv::Mat& genuine, int quality);

}  // namespace dfpipe::synthetic
