#pragma once

#include <filesystem>
#include <string>

#include "entries.hpp"
#include "labels.hpp"

namespace dfpipe::datasets {

struct FolderTree {
  Entries entries;
  std::string passed_over;  ///< in words; empty when nothing was
};

/// Reads `<root>/{Train,Validation,Test}/{Real,Fake}/…`, names in any case (see split_of, ClassNames), as torchvision's
/// ImageFolder orders it: splits train, validation, test; classes by code point; inside a class the folders in the
/// order of their whole paths' bytes, files by name; hidden ones and links too; extensions jpg jpeg png ppm bmp pgm tif
/// tiff webp in any case. Other files, and folders beside the splits, are passed over and told.
///
/// `dataset` is the name that the samples carry; their path is dataset/split/class/….
/// Throws Error ("data"): no such folder, no split in it, two folders for one split, a class that is not known, a class
/// without pictures, a folder that cannot be listed.
FolderTree read_folder_tree(const std::filesystem::path& root, const std::string& dataset, const ClassNames& classes);

}  // namespace dfpipe::datasets
