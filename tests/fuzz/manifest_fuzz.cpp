#include "manifest.hpp"

#include <cstdlib>
#include <filesystem>

#include "dfpipe/error.hpp"
#include "input_file.hpp"

namespace dfpipe::datasets {
namespace {

namespace fs = std::filesystem;

/// A folder with a name for each form, which both lead to the input: the name says how it is read.
class NamedInput {
 public:
  NamedInput() {
    std::string made = (fs::temp_directory_path() / "manifest-fuzz-XXXXXX").string();
    if (!mkdtemp(made.data())) std::abort();
    folder_ = made;
  }
  ~NamedInput() { fs::remove_all(folder_); }

  fs::path holding(const std::uint8_t* data, std::size_t size, const char* name) {
    const fs::path link = folder_ / name;
    const std::string target = input_.holding(data, size);
    if (!fs::is_symlink(link)) fs::create_symlink(target, link);
    return link;
  }

 private:
  detector::InputFile input_;
  fs::path folder_;
};

bool same(const Sample& a, const Sample& b) {
  return a.label == b.label && a.dataset == b.dataset && a.split == b.split && a.group == b.group && a.file == b.file &&
         a.sha256 == b.sha256;
}

}  // namespace
}  // namespace dfpipe::datasets

/// The first byte chooses the form, the rest is the manifest. What is read must be the same after it was written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::datasets;
  static NamedInput input;
  if (size == 0) return 0;
  const char* const name = data[0] % 2 == 0 ? "input.csv" : "input.jsonl";
  const auto file = input.holding(data + 1, size - 1, name);
  Entries entries;
  try {
    entries = read_manifest(file, {});
  } catch (const dfpipe::Error&) {  // anything else is a finding
    return 0;
  }
  const std::string text = manifest_text(file, entries);
  input.holding(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), name);
  const Entries again = read_manifest(file, {});
  if (again.size() != entries.size()) std::abort();
  for (std::size_t i = 0; i < again.size(); ++i)
    if (!same(again[i], entries[i])) std::abort();
  return 0;
}
