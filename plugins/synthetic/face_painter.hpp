#pragma once

#include <opencv2/core/mat.hpp>

#include "face_look.hpp"

namespace dfpipe::synthetic {

/// Paints one head with hair, neck and shoulders. The face is a height field (skull, brow ridge, sockets, nose, lips,
/// cheeks, chin) lit by one distant light after Lambert, times painted colour (brows, eyes, lips, beard, pores).
/// `canvas`: [H,W] float RGB, linear, 0..1. What lies outside is cut.
void paint_face(cv::Mat& canvas, const FaceLook& look);

/// [H,W] float, 1 inside the face (brows to chin, cheek to cheek), 0 outside; `feather` is the width of the transition
/// as a share of half the face's width.
cv::Mat inner_face_mask(cv::Size canvas, const FaceLook& look, double feather);

}  // namespace dfpipe::synthetic
