// Walks section headers to the dynamic symbols. Every offset comes from the file and is checked before it is used.
#include "provider/elf_exports.h"

#include <elf.h>

#include <cstring>

namespace dso {
namespace {

template <class T>
std::optional<T> read_at(std::string_view file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, file.data() + offset, sizeof out);
  return out;
}

std::optional<std::string_view> section(std::string_view file, const Elf64_Shdr& header) {
  if (header.sh_offset > file.size() || file.size() - header.sh_offset < header.sh_size) return std::nullopt;
  return file.substr(header.sh_offset, header.sh_size);
}

std::optional<Elf64_Shdr> header_of(std::string_view file, const Elf64_Ehdr& elf, std::uint64_t index) {
  if (index >= elf.e_shnum || elf.e_shoff > file.size()) return std::nullopt;
  return read_at<Elf64_Shdr>(file, elf.e_shoff + index * sizeof(Elf64_Shdr));
}

bool is_shown(const Elf64_Sym& symbol) {
  const auto bind = ELF64_ST_BIND(symbol.st_info), visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && bind != STB_LOCAL && visibility != STV_HIDDEN && visibility != STV_INTERNAL;
}

std::optional<std::string> name_at(std::string_view names, std::uint64_t offset) {
  if (offset >= names.size()) return std::nullopt;
  const std::string_view rest = names.substr(offset);
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

}  // namespace

std::optional<std::vector<std::string>> exported_symbols(std::string_view file) {
  constexpr unsigned char kOrder = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  const auto elf = read_at<Elf64_Ehdr>(file, 0);
  if (!elf || std::memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 || elf->e_ident[EI_CLASS] != ELFCLASS64 ||
      elf->e_ident[EI_DATA] != kOrder || elf->e_shentsize != sizeof(Elf64_Shdr))
    return std::nullopt;
  for (std::uint64_t i = 0; i < elf->e_shnum; ++i) {
    const auto header = header_of(file, *elf, i);
    if (!header) return std::nullopt;
    if (header->sh_type != SHT_DYNSYM) continue;
    const auto names_header = header_of(file, *elf, header->sh_link);
    const auto symbols = section(file, *header);
    const auto names = names_header ? section(file, *names_header) : std::nullopt;
    if (!symbols || !names) return std::nullopt;
    std::vector<std::string> out;
    std::size_t named = 0;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols->size(); at += sizeof(Elf64_Sym)) {
      const auto symbol = read_at<Elf64_Sym>(*symbols, at);
      if (!symbol || !is_shown(*symbol)) continue;
      auto name = name_at(*names, symbol->st_name);
      if (!name) return std::nullopt;
      // every symbol can name the same long text: a file of megabytes would fill any memory
      named += name->size() + 1;
      if (named > file.size()) return std::nullopt;
      out.push_back(std::move(*name));
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace dso
