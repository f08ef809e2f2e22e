#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

/// Small picture files made by the format's own libraries, for tests.
namespace dfpipe::test_files {

using File = std::vector<std::uint8_t>;

/// [height,width,3]: red, green, blue and near-white quadrants (top left, top right, bottom left, bottom right).
cv::Mat quadrants(int width, int height);
/// Smooth colours and some noise, so that every part of a file carries something.
cv::Mat textured(int width, int height, std::uint32_t seed = 1);

File progressive_jpeg(const cv::Mat& rgb);
/// One scan for each component's means and, when progressive, three more for their details.
File jpeg_of_many_scans(const cv::Mat& rgb, bool progressive);
/// How many scans a JPEG has, and the JPEG without number `n` of them.
std::size_t scans(const File& jpeg);
File without_scan(const File& jpeg, std::size_t n);
File grey_jpeg(const cv::Mat& grey);
/// The ink values as they are; with Adobe's marker they mean 255 minus ink.
File cmyk_jpeg(const cv::Mat& cmyk, bool adobe);

struct PngKind {
  int color_type = 2;
  int bit_depth = 8;
  bool interlaced = false;
};
/// `rows` holds the packed bytes of each row; `palette` RGB triples; `transparent` the tRNS chunk.
File png(int width, int height, PngKind kind, const std::vector<File>& rows, const File& palette = {},
         const File& transparent = {});
/// A chunk put in behind IHDR, with a right checksum.
File with_png_chunk(const File& png, const std::string& type, const File& data);

File webp(const cv::Mat& rgb, bool lossless);
File webp_rgba(const cv::Mat& rgba);
File animated_webp(const std::vector<cv::Mat>& frames);
File with_webp_exif(const File& webp, const File& exif);

/// A TIFF block with one entry, the orientation.
File exif_block(int orientation, bool big_endian = false);
File with_jpeg_exif(const File& jpeg, const File& exif);

/// The picture that must be stored for `orientation` so that it appears as `upright`.
cv::Mat stored_for(const cv::Mat& upright, int orientation);

}  // namespace dfpipe::test_files
