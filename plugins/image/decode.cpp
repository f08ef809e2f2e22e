#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "codec.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "nodes.hpp"

namespace dfpipe::image_nodes {
namespace {

/// Decodes a JPEG, PNG or WebP file. The format is told by the first bytes, never by the name. The size is read from
/// the header and refused above `max_pixels` before memory is asked for. A cut or damaged file is an error of the
/// item, never a half-grey picture. Error codes: empty_file, not_an_image, unsupported, truncated, corrupt, too_large.
///
/// Grey, palette, CMYK (inverted when Adobe's marker says so), 16 bits (upper 8 kept) and alpha (dropped, not blended)
/// all become 8-bit RGB; colour profiles are not applied. The EXIF orientation of JPEG, PNG (eXIf) and WebP (EXIF) is
/// applied. Animations (APNG, WebP) give their first frame.
///
///     decode: {type: decode, in: {bytes: files.bytes}, with: {max_pixels: 50000000}}
class Decode final : public Node {
  struct Params : ParamSet {
    const std::int64_t& max_pixels = integer(
        "max_pixels", 100'000'000,
        {.about = "largest width x height; more is refused from the header", .unit = "pixels", .min = 1, .max = 4e9});
    const bool& exif = boolean("exif", true, {.about = "turn the picture as its EXIF orientation says"});
  };

 public:
  Decode() : Node({.about = "Decode a JPEG, PNG or WebP file to 8-bit RGB, upright."}, &params_) {}

  void process(Item& item) override {
    const std::vector<std::uint8_t>& file = item[bytes_].data;
    codec::Decoded decoded = codec::decode(file, params_.max_pixels);
    ImageInfo info;
    info.orientation = params_.exif ? decoded.orientation : 1;
    Image image{codec::upright(decoded.pixels, info.orientation)};
    info.width = image.pixels.cols;
    info.height = image.pixels.rows;
    info.format = codec::name(decoded.format);
    info.bytes = static_cast<std::int64_t>(file.size());
    if (item.wanted(info_)) info.sha256 = sha256_hex(file);
    info.warnings = std::move(decoded.warnings);
    item.set(image_, std::move(image));
    item.set(info_, std::move(info));
  }

 private:
  static std::string sha256_hex(const std::vector<std::uint8_t>& data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("libcrypto could not compute a SHA-256");
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
      hex += digits[digest[i] >> 4];
      hex += digits[digest[i] & 15];
    }
    return hex;
  }

  Params params_;
  In<Bytes> bytes_{this, "bytes", "the whole file"};
  Out<Image> image_{this, "image", "[H,W,3] uint8 RGB, upright"};
  Out<ImageInfo> info_{this, "info", "size after orientation, format, SHA-256 of the file, warnings"};
};

}  // namespace

void register_decode(Registrar& registrar) { registrar.node<Decode>("decode"); }

}  // namespace dfpipe::image_nodes
