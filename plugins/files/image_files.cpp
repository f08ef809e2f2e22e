#include "dfpipe/types/basic.hpp"
#include "listing.hpp"
#include "nodes.hpp"
#include "read_file.hpp"

namespace dfpipe::files {
namespace {

/// Reads files one after the other: one file (`a.jpg`), a folder (`photos`), a pattern (`photos/**/*.jpg`; `*`, `?`,
/// `[a-z]`, `**`) or a list (`@list.txt` or `list.txt`, one path a line, relative to the list).
///
/// Order is that of the relative paths' bytes, the same on every machine; a list keeps its own. A folder gives the
/// files with an image's extension, upper or lower case, those of formats that are not decoded too, so that they are
/// reported and not left out silently; files without extension and names with a leading dot are passed over. Links are
/// followed, loops end. What is named by a pattern, a list or directly is taken whatever it is called.
///
/// Results may be written below the input: folders and patterns pass over the heat maps of earlier runs (`heatmaps`
/// beside a `predictions.run.json`). What was passed over is said when the run starts.
///
/// `path` is how the file is called in every output: below a folder the folder's own name and the path inside it, so
/// that results do not depend on where the folder lies. Bytes that are no UTF-8 appear as \xNN, a backslash as \\.
///
/// A file that cannot be read is an error of its item: not_found, unreadable, not_a_file (folder, FIFO, socket,
/// device), too_large, truncated (it shrank while it was read). Nothing to read at all is an error before the run.
///
///     files: {type: image-files, with: {path: "${input}", recursive: true}}
class ImageFiles final : public Source {
  struct Params : ParamSet {
    const std::filesystem::path& from =
        path("path", "",
             {.about = "a file, a folder, a pattern (* ? [] **) or a list (@list.txt or *.txt)", .required = true});
    const bool& recursive = boolean("recursive", true, {.about = "of a folder: read those below it too"});
    const std::int64_t& max_bytes =
        integer("max_bytes", std::int64_t{256} << 20,
                {.about = "larger files are refused unread; every live item may hold one", .unit = "bytes", .min = 1});
  };

 public:
  ImageFiles()
      : Source({.about = "Read image files: one, a folder, a pattern or a list.", .lane = Lane::blocking}, &params_) {}

  void open(OpenContext&) override { listing_ = list_files(params_.from, params_.recursive); }

  bool next(Item& item, std::stop_token stop) override {
    if (position_ >= listing_.names.size() || stop.stop_requested()) return false;
    const std::size_t i = position_++;
    Attributes attributes = item.attributes();
    attributes.name = listing_.shown(i);
    item.set_attributes(attributes);
    item.set(path_, listing_.shown(i));
    auto data = read_file(listing_.path(i), static_cast<std::uint64_t>(params_.max_bytes), stop);
    if (!data) return false;
    item.set(bytes_, Bytes{std::move(*data)});
    return true;
  }

  bool skip() override {
    if (position_ >= listing_.names.size()) return false;
    ++position_;
    return true;
  }

  Facts facts() const override {
    const std::string passed_over = listing_.passed_over();
    if (passed_over.empty()) return {};
    return {{"images", std::to_string(listing_.names.size())}, {"passed over", passed_over}};
  }

  std::optional<std::uint64_t> size() const override { return listing_.names.size(); }
  std::string state() const override { return listing_.state(); }
  void restore(const std::string& state) override {
    listing_ = Listing::restore(state);
    position_ = 0;
  }

 private:
  Params params_;
  Out<Bytes> bytes_{this, "bytes", "the file's contents"};
  Out<std::string> path_{this, "path", "the file's name for people and outputs, valid UTF-8"};
  Listing listing_;
  std::size_t position_ = 0;
};

}  // namespace

void register_image_files(Registrar& registrar) { registrar.node<ImageFiles>("image-files"); }

}  // namespace dfpipe::files
