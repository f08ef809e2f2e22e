#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "codec.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/image.hpp"
#include "nodes.hpp"
#include "png_writer.hpp"

namespace dfpipe::image_nodes {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const char* what) {
  throw Fatal(file.string() + ": cannot be " + what + ": " + std::strerror(errno));
}

void write_and_close(int fd, const std::vector<std::uint8_t>& data, const fs::path& file) {
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t n = ::write(fd, data.data() + done, data.size() - done);
    if (n > 0) done += static_cast<std::size_t>(n);
    if (n < 0 && errno != EINTR) {
      const int why = errno;
      ::close(fd);
      errno = why;
      fail(file, "written");
    }
  }
  if (::close(fd) != 0) fail(file, "written");
}

/// Under another name first, so that a reader never meets half a picture.
void write_atomically(const fs::path& file, const std::vector<std::uint8_t>& data, std::uint64_t index) {
  const fs::path part = file.parent_path() / (".part-" + std::to_string(index));
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) fail(part, "created");
  try {
    write_and_close(fd, data, part);
  } catch (...) {
    ::unlink(part.c_str());
    throw;
  }
  if (::rename(part.c_str(), file.c_str()) != 0) fail(file, "put in place");
}

bool ends_with_ignoring_case(const std::string& text, std::string_view end) {
  return text.size() >= end.size() &&
         std::equal(end.rbegin(), end.rend(), text.rbegin(), [](char a, char b) { return a == std::tolower(b); });
}

/// Writes each picture it gets into a folder, atomically (under another name, then renamed). The file's name is `path`
/// with its folders, made safe (no "..", not absolute), plus the format's extension where it has another one: two
/// pictures of different names never meet. Pictures that failed earlier are passed over. A write error ends the run.
///
///     save: {type: image-write, in: {image: faces.image, path: faces.path}, with: {dir: out/drawn, format: png}}
class ImageWrite final : public Node {
  struct Params : ParamSet {
    const fs::path& dir =
        path("dir", "", {.about = "folder to write into; made if missing", .required = true, .output = true});
    const std::string& format =
        choice("format", "png", {.about = "png is without loss, jpeg is small", .choices = {"png", "jpeg"}});
    const std::int64_t& quality =
        integer("quality", 92, {.about = "of JPEG, as libjpeg counts it", .min = 1, .max = 100});
  };

 public:
  ImageWrite() : Node({.about = "Write pictures to a folder as PNG or JPEG.", .lane = Lane::blocking}, &params_) {}

  void open(OpenContext&) override {
    std::error_code error;
    fs::create_directories(params_.dir, error);
    if (error) throw std::runtime_error(params_.dir.string() + ": cannot be made: " + error.message());
  }

  void process(Item& item) override {
    if (!item.has(image_)) return;
    const std::uint64_t index = item.key().index;
    const fs::path file = params_.dir / file_name(item.has(path_) ? item[path_] : item.key().text());
    const cv::Mat& rgb = item[image_].pixels;
    const auto data =
        params_.format == "png" ? codec::encode_png(rgb) : codec::encode_jpeg(rgb, static_cast<int>(params_.quality));
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) throw Fatal(file.parent_path().string() + ": cannot be made: " + error.message());
    write_atomically(file, data, index);
  }

  Facts facts() const override { return {{"output", params_.dir.string()}}; }

 private:
  fs::path file_name(const std::string& from) const {
    fs::path safe;
    for (const fs::path& part : fs::path(from))
      if (part != "/" && part != "." && part != ".." && !part.empty()) safe /= part;
    std::string name = safe.empty() ? "picture" : safe.string();
    const bool fits = params_.format == "png"
                          ? ends_with_ignoring_case(name, ".png")
                          : ends_with_ignoring_case(name, ".jpg") || ends_with_ignoring_case(name, ".jpeg");
    if (!fits) name += params_.format == "png" ? ".png" : ".jpg";
    return name;
  }

  Params params_;
  In<Image> image_{this, "image", "[H,W,3] uint8 RGB"};
  OptionalIn<std::string> path_{this, "path", "name of the file to write, folders allowed; else the item's number"};
};

}  // namespace

void register_image_write(Registrar& registrar) { registrar.node<ImageWrite>("image-write"); }

}  // namespace dfpipe::image_nodes
