#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace dfpipe::files {

/// The files of one run, in order.
struct Listing {
  std::filesystem::path base;      ///< absolute
  std::string shown_base;          ///< what stands before the names in the output; may be empty
  std::vector<std::string> names;  ///< raw bytes; relative to `base`, or absolute

  std::size_t other_files = 0;    ///< of a folder: files passed over because of their names
  std::set<std::string> results;  ///< folders whose heat maps were passed over, relative to `base`

  std::filesystem::path path(std::size_t i) const { return base / names[i]; }
  /// How file i is called in every output: valid UTF-8, see path_text().
  std::string shown(std::size_t i) const;

  /// What was passed over, in words; empty when nothing was.
  std::string passed_over() const;

  /// The names as JSON, any file name safely inside, and back. `restore` throws std::runtime_error.
  std::string state() const;
  static Listing restore(const std::string& state);
};

/// True for the extensions a folder scan takes, in any case: those that are decoded (jpg jpeg jpe jfif png webp) and
/// those that will be refused with a clear error rather than left out silently (gif bmp tif tiff ppm pgm pbm pnm
/// svg avif heic heif jp2 jxl).
bool has_image_extension(std::string_view name);

/// What `path` names:
/// - a folder: the files with an image extension, with all folders below when `recursive`; sorted by the bytes of the
///   relative path. Names with a leading dot are passed over. Links are followed; a folder that is met again is not
///   read again. A folder that cannot be read, or that has an image extension, stands in the list as well: an error of
///   its own.
/// - a file: that file.
/// - a pattern, when nothing is called so (see Glob): the files that match, whatever their extension, sorted likewise.
///   Components that are there under exactly that name are no patterns: `[2020]/*.jpg` below a folder `[2020]`.
/// - a list, "@NAME" where NAME is there, or a file NAME.txt: one path a line, relative to the list's folder, in the
/// list's order; empty
///   lines and lines that begin with # are passed over.
/// Heat maps beside a predictions.run.json are results of an earlier run: neither a folder nor a pattern takes them.
/// Throws std::runtime_error when nothing is there or nothing matches.
Listing list_files(const std::filesystem::path& path, bool recursive);

}  // namespace dfpipe::files
