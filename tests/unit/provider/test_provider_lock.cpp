// Who may have put a provider there, and whether its content is the one that was installed: the rules, and the rules applied to
// real folders and files.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/digest.h"
#include "base/temp_folder.h"
#include "provider/provider_file.h"

using namespace dso;
using namespace dso::test;

BOOST_AUTO_TEST_SUITE(provider_lock)

namespace {

const std::string kHashA(64, 'a'), kHashB(64, 'b');

LockedProvider locked(const std::string& name, const std::string& sha256, const std::string& version = "1.0.0") {
  return {name, version, provider_file_name(name), sha256};
}

ProviderLock lock_of(std::initializer_list<LockedProvider> providers) {
  ProviderLock lock;
  for (const auto& p : providers) lock.put(p);
  return lock;
}

/// A provider folder as an installation leaves it, of the one who runs the test.
struct Folder : TempFolder {
  Folder() {
    chmod(path.c_str(), 0755);
    put("vault", "the library");
  }
  std::string so(const std::string& type = "vault") const { return file(provider_file_name(type)); }
  void put(const std::string& type, const std::string& content) const {
    spit(so(type), content);
    chmod(so(type).c_str(), 0644);
  }
  void lock(const ProviderLock& lock) const {
    spit(file(kProviderLockName), provider_lock_text(lock));
    chmod(file(kProviderLockName).c_str(), 0644);
  }
  std::string open(const ProviderTrust& trust = {}) const {
    const auto opened = open_provider_file(path, "vault", trust);
    return opened.has_error() ? render(opened.error()) : "opened " + opened->sha256;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const auto lock = lock_of({locked("vault", kHashA), locked("aws", kHashB, "2.0.0-rc.1+x")});
  const std::string text = provider_lock_text(lock);
  BOOST_TEST(text ==
             "{\n  \"format\": 1,\n  \"providers\": [\n"
             "    {\"name\": \"aws\", \"version\": \"2.0.0-rc.1+x\", \"file\": \"libdso_provider_aws.so\", \"sha256\": \"" +
                 kHashB +
                 "\"},\n"
                 "    {\"name\": \"vault\", \"version\": \"1.0.0\", \"file\": \"libdso_provider_vault.so\", \"sha256\": \"" +
                 kHashA + "\"}\n  ]\n}\n");
  const auto again = parse_provider_lock(text, "/p/providers.lock");
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((again->providers() == lock.providers()));
  BOOST_TEST(parse_provider_lock(provider_lock_text({}), "/p").value().providers().empty());
}

BOOST_AUTO_TEST_CASE(one_entry_a_name) {
  auto lock = lock_of({locked("vault", kHashA), locked("vault", kHashB)});
  BOOST_TEST(lock.providers().size() == 1u);
  BOOST_TEST(lock.find("vault")->sha256 == kHashB);
  lock.drop("vault");
  BOOST_TEST(lock.find("vault") == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_not_ours_is_refused) {
  const std::string good = provider_lock_text(lock_of({locked("vault", kHashA)}));
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string entry = "its entry 1 is not a name, a version, that name's file and a SHA-256";
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is no JSON object"},
      {"[]", "it is no JSON object"},
      {good.substr(0, good.size() - 3), "it is no JSON object"},
      {"{}", "it has no 'format'"},
      {with("\"format\": 1", "\"format\": 2"), "its format is 2, this DSO knows 1"},
      {"{\"format\": 1}", "it has no list 'providers'"},
      {with(kHashA, kHashA.substr(1)), entry},
      {with(kHashA, "A" + kHashA.substr(1)), entry},
      {with("\"vault\"", "\"../vault\""), entry},
      {with("libdso_provider_vault", "libdso_provider_aws"), entry},
      {with("libdso_provider_vault.so", "../libdso_provider_vault.so"), entry},
      {with("\"version\": \"1.0.0\"", "\"version\": 1"), entry},
      {with("\"1.0.0\"", "\"1.0.0\", \"more\": true"), entry},
      {"{\"format\": 1, \"providers\": [7]}", entry},
  };
  for (const auto& [text, cause] : cases) {
    const auto parsed = parse_provider_lock(text, "/p/providers.lock");
    BOOST_REQUIRE_MESSAGE(parsed.has_error(), text);
    BOOST_TEST((parsed.error().cls == ErrorClass::plugin));
    BOOST_TEST(parsed.error().what == "Cannot use the list of providers '/p/providers.lock'");
    BOOST_TEST(parsed.error().cause == cause);
    BOOST_TEST(!parsed.error().next.empty());
  }
  const std::string line = good.substr(good.find("    {"), good.find("\n  ]") - good.find("    {"));
  const auto twice = parse_provider_lock("{\"format\": 1, \"providers\": [" + line + "," + line + "]}", "/p");
  BOOST_TEST(twice.error().cause == "it has 'vault' twice");
}

BOOST_AUTO_TEST_CASE(owners_and_modes) {
  const auto said = [](std::uint32_t uid, std::uint32_t mode, std::uint32_t user) {
    const auto checked = check_owner("provider", "/p/x.so", {uid, mode}, user);
    return checked.has_value() ? "fine" : render(checked.error());
  };
  BOOST_TEST(said(0, 0100644, 0) == "fine");
  BOOST_TEST(said(0, 0100755, 1000) == "fine");
  BOOST_TEST(said(1000, 0100644, 1000) == "fine");
  BOOST_TEST(
      said(1000, 0100644, 0) ==
      "Cannot use the provider '/p/x.so': it belongs to uid 1000, only root may own what DSO loads code from. If you trust "
      "it: chown root:root '/p/x.so'.");
  BOOST_TEST(
      said(7, 0100644, 1000) ==
      "Cannot use the provider '/p/x.so': it belongs to uid 7, only root or uid 1000 (who runs dso) may own what DSO loads "
      "code from. If you trust it: chown root:root '/p/x.so'.");
  BOOST_TEST(said(0, 0100664, 0) ==
             "Cannot use the provider '/p/x.so': its group may write it (mode 0664). If you trust what it holds: chmod go-w "
             "'/p/x.so'.");
  BOOST_TEST(said(0, 0100646, 0) ==
             "Cannot use the provider '/p/x.so': everybody may write it (mode 0646). If you trust what it holds: chmod go-w "
             "'/p/x.so'.");
}

BOOST_AUTO_TEST_CASE(only_what_is_listed_with_that_content) {
  const auto lock = lock_of({locked("vault", kHashA)});
  BOOST_TEST(check_locked(lock, "vault", "/p/v.so", kHashA).has_value());
  BOOST_TEST(render(check_locked(lock, "aws", "/p/aws.so", kHashA).error()) ==
             "Cannot use the provider '/p/aws.so': providers.lock does not list it. If you trust it: dso provider install "
             "/p/aws.so.");
  BOOST_TEST(render(check_locked(lock, "vault", "/p/v.so", kHashB).error()) ==
             "Cannot use the provider '/p/v.so': its SHA-256 is " + kHashB + ", providers.lock expects " + kHashA +
                 " (version 1.0.0). Somebody replaced or changed it. If that was you: dso provider install /p/v.so; else install "
                 "the genuine file.");
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_lock_that_is_not_the_installed_one) {
  const Folder folder;
  BOOST_TEST(folder.open() == "opened " + sha256_hex("the library"));
}

BOOST_AUTO_TEST_CASE(the_installed_folder_needs_a_lock) {
  const Folder folder;
  // by another spelling of its path too
  for (const std::string& installed : {folder.path, folder.path + "/../" + folder.path.substr(5) + "/"})
    BOOST_TEST(folder.open({installed, {}}) ==
               "Cannot use the provider '" + folder.so() + "': there is no '" + folder.path +
                   "/providers.lock', so nobody has said that it may be loaded. If you trust it: dso provider install " +
                   folder.so() + ".");
  folder.lock(lock_of({locked("vault", sha256_hex("the library"))}));
  BOOST_TEST(folder.open({folder.path, {}}) == "opened " + sha256_hex("the library"));
}

BOOST_AUTO_TEST_CASE(a_changed_file_is_refused) {
  const Folder folder;
  folder.lock(lock_of({locked("vault", sha256_hex("the library"))}));
  BOOST_TEST(folder.open() == "opened " + sha256_hex("the library"));
  folder.put("vault", "the library, changed");
  BOOST_TEST(folder.open().find("its SHA-256 is " + sha256_hex("the library, changed") + ", providers.lock expects " +
                                sha256_hex("the library")) != std::string::npos);
  folder.lock({});
  BOOST_TEST(folder.open().find("providers.lock does not list it") != std::string::npos);
  spit(folder.file(kProviderLockName), "rubbish");
  BOOST_TEST(folder.open().find("Cannot use the list of providers '" + folder.file(kProviderLockName) +
                                "': it is no JSON object. No provider is loaded meanwhile.") == 0u);
}

BOOST_AUTO_TEST_CASE(who_may_write_is_asked_of_folder_file_and_lock) {
  const Folder folder;
  folder.lock(lock_of({locked("vault", sha256_hex("the library"))}));
  const std::pair<std::string, std::string> places[] = {
      {folder.path, "provider folder"}, {folder.so(), "provider"}, {folder.file(kProviderLockName), "list of providers"}};
  for (const auto& [path, kind] : places) {
    struct stat before {};
    BOOST_REQUIRE(stat(path.c_str(), &before) == 0);
    for (const mode_t bit : {S_IWGRP, S_IWOTH}) {
      chmod(path.c_str(), before.st_mode | bit);
      BOOST_TEST(folder.open().find("Cannot use the " + kind + " '" + path +
                                    "': " + (bit == S_IWGRP ? "its group" : "everybody") + " may write it") == 0u);
    }
    chmod(path.c_str(), before.st_mode);
    BOOST_TEST(folder.open().find("opened") == 0u);
  }
}

BOOST_AUTO_TEST_CASE(whose_it_is_is_asked_of_folder_file_and_lock) {
  const Folder folder;
  folder.lock(lock_of({locked("vault", sha256_hex("the library"))}));
  if (geteuid() == 0) {
    for (const auto& [path, kind] : {std::pair{folder.path, "provider folder"},
                                     {folder.so(), "provider"},
                                     {folder.file(kProviderLockName), "list of providers"}}) {
      BOOST_REQUIRE(chown(path.c_str(), 4711, 4711) == 0);
      BOOST_TEST(folder.open().find(std::string("Cannot use the ") + kind + " '" + path + "': it belongs to uid 4711") == 0u);
      BOOST_TEST(folder.open({kInstalledProviders, 4711}).find("opened") == 0u);
      BOOST_REQUIRE(chown(path.c_str(), 0, 0) == 0);
    }
  } else {
    BOOST_TEST(folder.open({kInstalledProviders, 4711}).find("it belongs to uid " + std::to_string(geteuid())) !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_link_is_no_provider) {
  const Folder folder;
  unlink(folder.so().c_str());
  spit(folder.file("elsewhere"), "the library");
  BOOST_REQUIRE(symlink("elsewhere", folder.so().c_str()) == 0);
  BOOST_TEST(folder.open() == "Cannot open the provider '" + folder.so() +
                                  "': it is a symbolic link. Install the file that it leads to: dso provider install FILE.");
  unlink(folder.so().c_str());
  BOOST_REQUIRE(mkdir(folder.so().c_str(), 0755) == 0);
  BOOST_TEST(folder.open() == "Cannot open the provider '" + folder.so() + "': it is not a regular file");
}

BOOST_AUTO_TEST_CASE(what_is_not_there) {
  const Folder folder;
  const auto none = open_provider_file(folder.path, "aws");
  BOOST_TEST(render(none.error()) ==
             "No provider of type 'aws': '" + folder.so("aws") + "' does not exist. There are: vault (and local).");
  const auto nowhere = open_provider_file(folder.path + "/none", "aws");
  BOOST_TEST(render(nowhere.error()) == "No provider of type 'aws': '" + folder.path +
                                            "/none/libdso_provider_aws.so' does not exist. There is no provider in that folder; "
                                            "DSO_PROVIDER_DIR names another.");
  BOOST_TEST((open_provider_file(folder.path, "../vault").error().cls == ErrorClass::config));
}

BOOST_AUTO_TEST_CASE(names_of_files) {
  BOOST_TEST(provider_type_of("libdso_provider_vault.so").value_or("") == "vault");
  for (const char* name : {"libdso_provider_.so", "libdso_provider_Vault.so", "libdso_provider_a.so.1", "vault.so",
                           "libdso_provider_vault.so.tmp-7", "libdso_provider_7.so"})
    BOOST_TEST(!provider_type_of(name).has_value(), name);
}

BOOST_AUTO_TEST_SUITE_END()
