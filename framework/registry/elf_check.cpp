#include "registry/elf_check.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <vector>

namespace dfpipe::registry {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);

bool fits(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

template <class T>
bool read(std::ifstream& in, std::uint64_t offset, T* into, std::size_t count) {
  in.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(in.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(count * sizeof(T))));
}

Elf64_Half this_machine() {
  Header own{};
  std::ifstream in("/proc/self/exe", std::ios::binary);
  return read(in, 0, &own, 1) ? own.e_machine : Elf64_Half{EM_NONE};
}

}  // namespace

std::optional<std::string> why_not_a_shared_library(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return "does not exist";
  if (!std::filesystem::is_regular_file(file, failed)) return "is not a file";
  const std::uint64_t size = std::filesystem::file_size(file, failed);
  std::ifstream in(file, std::ios::binary);
  if (failed || !in) return "cannot be read";

  Header header{};
  constexpr int word = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  if (!read(in, 0, header.e_ident, EI_NIDENT) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return "is not a shared library (no ELF header)";
  if (header.e_ident[EI_CLASS] != word) return "was built for another word size";
  if (!read(in, 0, &header, 1)) return "is cut short";
  if (header.e_type != ET_DYN) return "is an ELF file but no shared library";
  if (const Elf64_Half own = this_machine(); own != EM_NONE && header.e_machine != own)
    return "was built for another processor";

  if (!fits(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize, size)) return "is cut short";
  if (header.e_phentsize != sizeof(Segment) ||
      !fits(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Segment), size))
    return "is cut short";
  std::vector<Segment> segments(header.e_phnum);
  if (!read(in, header.e_phoff, segments.data(), segments.size())) return "is cut short";
  for (const Segment& segment : segments)
    if (segment.p_type == PT_LOAD && !fits(segment.p_offset, segment.p_filesz, size)) return "is cut short";
  return std::nullopt;
}

}  // namespace dfpipe::registry
