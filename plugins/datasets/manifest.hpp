#pragma once

#include <filesystem>
#include <string>

#include "entries.hpp"
#include "labels.hpp"

namespace dfpipe::datasets {

struct ManifestOptions {
  ClassNames classes;
  std::string group_column = "group";
};

/// True for a name that ends in .csv, .jsonl or .ndjson, in any case.
bool has_manifest_extension(const std::filesystem::path& file);

/// Reads a list of labelled pictures: CSV (RFC 4180, the first record names the columns) or JSON lines (an object a
/// line). Columns, in any order, others are passed over:
///
///     path     relative to the manifest's folder and inside it, or absolute; bytes that are no UTF-8 as \xNN, a
///              backslash as \\ (see files::path_text)
///     label    real, fake, 0, 1, or a mapped name of `classes`
///     dataset  its name, not empty
///     split    train, validation or test (see split_of)
///     group    optional: the person or video; the column's name is `group_column`
///     sha256   optional: of the file
///
/// Throws Error ("manifest") with up to five rows that are wrong, each as "FILE:LINE: what", then how many more.
/// Wrong are: no such file, not UTF-8, no rows, a missing or doubled column, a row with another number of fields, an
/// empty or unknown value, a path that is listed twice or leaves the folder by "..", a record beyond longest_record.
Entries read_manifest(const std::filesystem::path& file, const ManifestOptions& options);

/// The manifest as text, in the order given: CSV or JSON lines as the file's name says. Paths below its folder are
/// written relative to it, others absolute. Throws Error ("usage") for another extension.
std::string manifest_text(const std::filesystem::path& file, const Entries& entries);

}  // namespace dfpipe::datasets
