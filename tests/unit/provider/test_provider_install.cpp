// Installing, replacing, verifying and removing provider files, with real libraries in a folder of the test.
#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/digest.h"
#include "base/temp_folder.h"
#include "provider/elf_exports.h"
#include "provider/provider_install.h"
#include "provider/provider_source.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_AUTO_TEST_SUITE(provider_install)

namespace {

std::string plugin(const std::string& kind) {
  return kPlugins + "/" + provider_file_name(kind);
}

struct Place : TempFolder {
  ProviderPlaces places{path + "/providers", kHost, {}};
  std::string so(const std::string& type) const { return places.folder + "/" + provider_file_name(type); }
  std::string lock() const { return slurp(places.folder + "/" + kProviderLockName); }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& e : std::filesystem::directory_iterator(places.folder)) out.push_back(e.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string install(const std::string& source) const {
    const auto done = install_provider(source, places);
    if (done.has_error()) return render(done.error());
    return done->name + " " + done->version + (done->previous.empty() ? "" : " after " + done->previous) +
           (done->unchanged ? ", unchanged" : "");
  }
  std::string problem_of(const std::string& name) const {
    const auto all = verify_providers(places);
    if (all.has_error()) return render(all.error());
    for (const auto& p : *all)
      if (p.name == name) return p.problem.empty() ? "fine" : p.problem;
    return "not there";
  }
  void relock(const std::string& name, const std::string& version, const std::string& sha256) const {
    ProviderLock l = parse_provider_lock(lock(), "lock").value();
    l.put({name, version, provider_file_name(name), sha256});
    spit(places.folder + "/" + kProviderLockName, provider_lock_text(l));
  }
};

template <class T>
std::string bytes_of(const T& t) {
  return {reinterpret_cast<const char*>(&t), sizeof t};
}

/// A library's tables and nothing else: `count` symbols, all of the one name that has `length` letters.
std::string elf_with_symbols(std::size_t count, std::size_t length) {
  const std::string names = std::string(length, 'x') + '\0';
  Elf64_Sym symbol{};
  symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
  symbol.st_shndx = 1;
  Elf64_Ehdr elf{};
  std::copy_n(ELFMAG, SELFMAG, elf.e_ident);
  elf.e_ident[EI_CLASS] = ELFCLASS64;
  elf.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  elf.e_shoff = sizeof elf;
  elf.e_shentsize = sizeof(Elf64_Shdr);
  elf.e_shnum = 2;
  Elf64_Shdr symbols{}, text{};
  symbols.sh_type = SHT_DYNSYM;
  symbols.sh_link = 1;
  symbols.sh_offset = sizeof elf + 2 * sizeof symbols;
  symbols.sh_size = count * sizeof symbol;
  text.sh_type = SHT_STRTAB;
  text.sh_offset = symbols.sh_offset + symbols.sh_size;
  text.sh_size = names.size();
  std::string file = bytes_of(elf) + bytes_of(symbols) + bytes_of(text);
  for (std::size_t i = 0; i < count; ++i) file += bytes_of(symbol);
  return file + names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_installed_is_listed_and_loaded) {
  const Place p;
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  BOOST_TEST((p.files() == std::vector<std::string>{"libdso_provider_good.so", "providers.lock"}));
  BOOST_TEST(slurp(p.so("good")) == slurp(plugin("good")));
  struct stat st {};
  BOOST_REQUIRE(stat(p.so("good").c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 07777) == 0644u);
  const std::string hash = sha256_hex(slurp(plugin("good")));
  BOOST_TEST(p.lock().find("\"good\", \"version\": \"1.2.3\", \"file\": \"libdso_provider_good.so\", \"sha256\": \"" + hash) !=
             std::string::npos);
  BOOST_TEST(open_provider_file(p.places.folder, "good").value().sha256 == hash);
  BOOST_TEST(p.problem_of("good") == "fine");
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3 after 1.2.3, unchanged");
}

BOOST_AUTO_TEST_CASE(a_file_named_otherwise_gets_its_own_name) {
  const Place p;
  BOOST_TEST(p.install(plugin("wrong-name")) == "other 1.2.3");
  BOOST_TEST((p.files() == std::vector<std::string>{"libdso_provider_other.so", "providers.lock"}));
}

BOOST_AUTO_TEST_CASE(another_version_takes_its_place) {
  const Place p;
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  p.relock("good", "0.9.0", std::string(64, '0'));
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3 after 0.9.0");
  BOOST_TEST(p.problem_of("good") == "fine");
}

BOOST_AUTO_TEST_CASE(an_older_one_only_if_it_is_meant) {
  const Place p;
  const auto meant = [&p](const char* kind) {
    const auto done = install_provider(plugin(kind), p.places, true);
    return done.has_error() ? render(done.error()) : done->version + " after " + done->previous;
  };
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  const std::string lock = p.lock();
  BOOST_TEST(p.install(plugin("older")) ==
             "Cannot install the provider '" + plugin("older") +
                 "': it is older than what is installed: version 1.2.3-rc.9 of 'good', and there is 1.2.3. An older one may have "
                 "holes that are closed by now. If you mean it: dso provider install --allow-downgrade " +
                 plugin("older") + ".");
  BOOST_TEST((p.files() == std::vector<std::string>{"libdso_provider_good.so", "providers.lock"}));
  BOOST_TEST(p.lock() == lock);
  BOOST_TEST(p.install(plugin("newer")) == "good 1.10.0 after 1.2.3");
  BOOST_TEST(p.install(plugin("good")).find("it is older than what is installed: version 1.2.3 of 'good', and there is 1.10.0") !=
             std::string::npos);
  BOOST_TEST(meant("older") == "1.2.3-rc.9 after 1.10.0");
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3 after 1.2.3-rc.9");
  p.relock("good", "nightly", std::string(64, '0'));
  BOOST_TEST(
      p.install(plugin("good")).find("whether it is older cannot be told: it is version 1.2.3 of 'good', and there is nightly") !=
      std::string::npos);
  BOOST_TEST(meant("good") == "1.2.3 after nightly");
}

BOOST_AUTO_TEST_CASE(the_version_is_the_librarys_not_the_lists) {
  const Place p;
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  p.relock("good", "9.9.9", sha256_hex(slurp(plugin("good"))));
  SourceFixture f("good");
  SourceParts parts;
  parts.instance = f.instance;
  parts.file = open_provider_file(p.places.folder, "good", p.places.trust).value();
  parts.exe = kHost;
  parts.http = f.http;
  parts.env = [](const std::string&) -> const char* { return nullptr; };
  parts.restart = f.restart;
  parts.random = [] { return 0.5; };
  const auto opened = SupervisedSource(std::move(parts)).open(Deadline::in(std::chrono::seconds(20)), {});
  BOOST_REQUIRE(opened.has_error());
  BOOST_TEST(opened.error().cause.find("it is version 1.2.3, and providers.lock says 9.9.9") != std::string::npos);
  const auto listed = list_providers({p.places.folder, kHost, p.places.trust.keys});
  BOOST_TEST(listed.at(0).problem == "it is version 1.2.3, and providers.lock says 9.9.9");
  // the cure that it names, where it lies
  BOOST_TEST(p.install(p.so("good")) == "good 1.2.3 after 9.9.9");
  BOOST_TEST(p.install(p.so("good")) == "good 1.2.3 after 1.2.3, unchanged");
}

BOOST_AUTO_TEST_CASE(what_does_not_load_changes_nothing) {
  const Place p;
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  const auto files = p.files();
  const std::string lock = p.lock(), text = p.file("text.so");
  spit(text, "no library");
  const std::pair<std::string, std::string> cases[] = {
      {plugin("wrong-abi"), "it was built for provider ABI 2.3, this DSO has ABI 1.0"},
      {plugin("crash-in-constructor"), "it crashed (SIGABRT) while it was loaded"},
      {plugin("no-symbol"), "it does not export dso_provider_get_api"},
      {text, "it cannot be loaded: "}};
  for (const auto& [source, cause] : cases) {
    BOOST_TEST(p.install(source).find("Cannot install the provider '" + source + "': " + cause) == 0u, p.install(source));
    BOOST_TEST((p.files() == files));
    BOOST_TEST(p.lock() == lock);
  }
  BOOST_TEST(p.install(p.file("none.so")) == "Cannot read '" + p.file("none.so") + "': No such file or directory");
}

BOOST_AUTO_TEST_CASE(verify_names_every_difference) {
  const Place p;
  BOOST_TEST(p.problem_of("good").find("Cannot open the provider folder") == 0u);
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  BOOST_TEST(p.install(plugin("bad")).find("bad ") == 0u);
  BOOST_TEST(p.install(plugin("wrong-name")) == "other 1.2.3");
  spit(p.so("good"), "changed");
  std::filesystem::remove(p.so("bad"));
  std::filesystem::copy_file(plugin("old-abi"), p.so("stranger"));
  BOOST_TEST(p.problem_of("good").find("its SHA-256 is " + sha256_hex("changed") + ", providers.lock expects ") == 0u);
  BOOST_TEST(p.problem_of("bad") == "'" + p.so("bad") + "' does not exist. Install it again, or: dso provider remove bad.");
  BOOST_TEST(p.problem_of("stranger") ==
             "providers.lock does not list it. If you trust it: dso provider install " + p.so("stranger") + ".");
  BOOST_TEST(p.problem_of("other") == "fine");
  // the cure that it names, where it lies
  std::filesystem::copy_file(plugin("good"), p.so("good"), std::filesystem::copy_options::overwrite_existing);
  BOOST_TEST(p.problem_of("good") == "fine");
  spit(p.so("good"), slurp(plugin("good")) + "another build");
  BOOST_TEST(p.install(p.so("good")) == "good 1.2.3 after 1.2.3");
  BOOST_TEST(p.problem_of("good") == "fine");
  std::filesystem::remove(p.places.folder + "/providers.lock");
  BOOST_TEST(p.problem_of("good") == "Cannot verify the providers in '" + p.places.folder +
                                         "': there is no providers.lock to compare them with. Install each one: dso provider "
                                         "install FILE.");
}

BOOST_AUTO_TEST_CASE(removed_is_file_and_entry) {
  const Place p;
  const auto gone = [&p](const std::string& name) {
    const auto removed = remove_provider(name, p.places);
    return removed.has_error() ? std::string(class_name(removed.error().cls)) : "removed " + *removed;
  };
  BOOST_TEST(gone("good") == "NotFound");
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  BOOST_TEST(gone("../good") == "NotFound");
  BOOST_TEST(gone("other") == "NotFound");
  BOOST_TEST(gone("good") == "removed 1.2.3");
  BOOST_TEST((p.files() == std::vector<std::string>{"providers.lock"}));
  BOOST_TEST(p.lock() == provider_lock_text({}));
  // half of one is removed too
  std::filesystem::copy_file(plugin("good"), p.so("good"));
  BOOST_TEST(gone("good") == "removed ");
  BOOST_TEST(p.install(plugin("good")) == "good 1.2.3");
  std::filesystem::remove(p.so("good"));
  BOOST_TEST(gone("good") == "removed 1.2.3");
}

BOOST_AUTO_TEST_CASE(not_into_a_folder_that_others_may_change) {
  const Place p;
  std::filesystem::create_directory(p.places.folder);
  chmod(p.places.folder.c_str(), 0775);
  BOOST_TEST(p.install(plugin("good")).find("Cannot use the provider folder '" + p.places.folder + "': its group may write it") ==
             0u);
  BOOST_TEST(p.files().empty());
}

BOOST_AUTO_TEST_CASE(exported_symbols_are_read_from_the_file) {
  const auto good = exported_symbols(slurp(plugin("good")));
  BOOST_REQUIRE(good.has_value());
  BOOST_TEST((*good == std::vector<std::string>{"dso_provider_get_api"}));
  // any beginning of it, and garbage in every place of the headers, is an answer and no crash
  const std::string whole = slurp(plugin("good"));
  for (std::size_t size = 0; size < whole.size(); size += 61) (void)exported_symbols(std::string_view(whole).substr(0, size));
  const std::size_t table = whole.size() > 4096 ? whole.size() - 4096 : 0;
  for (std::size_t at = 0; at < whole.size(); at = at == 64 ? std::max<std::size_t>(table, 65) : at + 1) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(0xff);
    (void)exported_symbols(damaged);
  }
  // all symbols of one long name: the answer may not be larger than the file
  BOOST_TEST(!exported_symbols(elf_with_symbols(200, 1000)).has_value());
  BOOST_TEST(exported_symbols(elf_with_symbols(200, 10)).value().size() == 200u);
  BOOST_TEST(!exported_symbols("").has_value());
  BOOST_TEST(!exported_symbols("#!/bin/sh").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
