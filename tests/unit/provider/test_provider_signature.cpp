// Who may have signed a provider, what is no key and no signature, and what is installed and loaded where keys are configured.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/digest.h"
#include "base/temp_folder.h"
#include "provider/provider_install.h"
#include "signing_key.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_AUTO_TEST_SUITE(provider_signature)

namespace {

// RFC 8032, 7.1, TEST 2: the message is the one byte 0x72
constexpr const char* kRfcKey =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n-----END PUBLIC KEY-----\n";
constexpr const char* kRfcSignature = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==";

std::string plugin(const std::string& kind) {
  return kPlugins + "/" + provider_file_name(kind);
}

template <class T>
std::string said(const Result<T>& result) {
  return result.has_error() ? render(result.error()) : "fine";
}
bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A folder of keys and a provider folder.
struct Place : TempFolder {
  ProviderPlaces places{path + "/providers", kHost, {}};
  SigningKey vendor, stranger;
  Place() {
    places.trust.keys = path + "/keys";
    std::filesystem::create_directory(places.trust.keys);
    chmod(places.trust.keys.c_str(), 0755);
    key("vendor.pem", vendor.public_pem());
  }
  std::string key_file(const std::string& name) const { return places.trust.keys + "/" + name; }
  void key(const std::string& name, const std::string& content) const {
    spit(key_file(name), content);
    chmod(key_file(name).c_str(), 0644);
  }
  std::string fingerprint(const SigningKey& k) const { return parse_provider_key(k.public_pem(), "k", "k").value().fingerprint; }
  /// A copy of the plugin, to be signed or not.
  std::string download(const std::string& kind = "good") const {
    std::string to = file("download.so");
    std::filesystem::copy_file(plugin(kind), to, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(to + ".sig");
    return to;
  }
  void sign(const std::string& so, const SigningKey& by) const { spit(so + ".sig", by.sign(slurp(so))); }
  std::string install(const std::string& source) const {
    const auto done = install_provider(source, places);
    return done.has_error() ? render(done.error()) : done->name + " by " + done->signer + (done->unchanged ? ", unchanged" : "");
  }
  std::string open() const { return said(open_provider_file(places.folder, "good", places.trust)); }
  std::string by_vendor() const { return "good by vendor.pem (" + fingerprint(vendor).substr(0, 12) + ")"; }
  std::string lock_path() const { return places.folder + "/" + kProviderLockName; }
  LockedProvider entry() const { return *parse_provider_lock(slurp(lock_path()), "lock").value().find("good"); }
  void relock(const LockedProvider& entry) const {
    ProviderLock lock;
    lock.put(entry);
    spit(lock_path(), provider_lock_text(lock));
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_standards_own_example) {
  const ProviderKey key = parse_provider_key(kRfcKey, "/k/rfc.pem", "rfc.pem").value();
  BOOST_TEST(key.file == "rfc.pem");
  // openssl pkey -pubin -in rfc.pem -outform DER | sha256sum
  BOOST_TEST(key.fingerprint == "deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170");
  const ProviderKeys keys{"/k", {key}};
  const std::string signature = parse_signature(kRfcSignature).value();
  BOOST_TEST(keys.signer_of("\x72", signature) == &keys.keys[0]);
  BOOST_TEST(keys.signer_of("\x73", signature) == nullptr);
  BOOST_TEST(keys.signer_of("", signature) == nullptr);
  for (std::size_t i = 0; i < signature.size(); i += 9) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    BOOST_TEST(keys.signer_of("\x72", changed) == nullptr);
  }
  BOOST_TEST(signature_base64(signature) == kRfcSignature);
}

BOOST_AUTO_TEST_CASE(what_is_no_signature) {
  const std::string raw(64, '\x80'), text = signature_base64(raw);
  BOOST_TEST(text.size() == 88u);
  BOOST_TEST((parse_signature(raw) == raw));
  BOOST_TEST((parse_signature(text) == raw));
  BOOST_TEST((parse_signature(text.substr(0, 64) + "\r\n" + text.substr(64) + "\n") == raw));
  for (const std::string& bad : {std::string(), raw.substr(1), raw + "x", text.substr(0, 87), text.substr(4), "AAAA" + text,
                                 signature_base64(raw.substr(1)), signature_base64(raw + "xx"), "!" + text.substr(1),
                                 text.substr(0, 84) + "A===", std::string(88, '=')})
    BOOST_TEST(!parse_signature(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(what_is_no_key) {
  const auto refused = [](const std::string& pem) { return said(parse_provider_key(pem, "/k/x.pem", "x.pem")); };
  BOOST_TEST(refused(SigningKey().public_pem()) == "fine");
  BOOST_TEST(holds(refused(SigningKey("P-256").public_pem()),
                   "Cannot use the provider key '/k/x.pem': it is of the type EC, not Ed25519. Make a pair: openssl genpkey"));
  BOOST_TEST(holds(refused(SigningKey("X25519").public_pem()), "it is of the type X25519, not Ed25519"));
  BOOST_TEST(holds(refused(SigningKey("ED448").public_pem()), "it is of the type ED448, not Ed25519"));
  const SigningKey own;
  const std::string secret = refused(own.private_pem());
  BOOST_TEST(holds(secret, "it is a private key, which whoever signs keeps to himself"));
  BOOST_TEST(!holds(secret, own.private_pem().substr(30, 20)));
  for (const char* bad : {"", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})
    BOOST_TEST(holds(refused(bad), "it is no public key in PEM"));
}

BOOST_AUTO_TEST_CASE(the_folder_of_keys) {
  const Place p;
  const auto read = [&p] { return said(read_provider_keys(p.places.trust.keys, geteuid())); };
  BOOST_TEST(!read_provider_keys(p.file("nowhere"), geteuid()).value().has_value());
  p.key("another.pem", p.stranger.public_pem());
  p.key("notes.txt", "no key");
  const ProviderKeys keys = read_provider_keys(p.places.trust.keys, geteuid()).value().value();
  BOOST_REQUIRE(keys.keys.size() == 2u);
  BOOST_TEST(keys.keys[0].file == "another.pem");
  BOOST_TEST(keys.keys[1].fingerprint == p.fingerprint(p.vendor));
  // one that is wrong is not passed over
  p.key("bad.pem", SigningKey("P-256").public_pem());
  BOOST_TEST(holds(read(), "Cannot use the provider key '" + p.key_file("bad.pem") + "': it is of the type EC"));
  std::filesystem::remove(p.key_file("bad.pem"));
  std::filesystem::create_symlink(p.key_file("vendor.pem"), p.key_file("link.pem"));
  BOOST_TEST(holds(read(), "it is a symbolic link"));
  std::filesystem::remove(p.key_file("link.pem"));
  // nor may others put one there
  chmod(p.key_file("vendor.pem").c_str(), 0664);
  BOOST_TEST(holds(read(), "Cannot use the provider key '" + p.key_file("vendor.pem") + "': its group may write it"));
  chmod(p.key_file("vendor.pem").c_str(), 0644);
  chmod(p.places.trust.keys.c_str(), 0777);
  BOOST_TEST(holds(read(), "Cannot use the folder of provider keys '" + p.places.trust.keys + "': everybody may write it"));
  BOOST_TEST(holds(p.install(p.download()), "everybody may write it"));
  BOOST_TEST(
      holds(said(read_provider_keys(p.places.trust.keys, geteuid() + 1)), geteuid() == 0 ? "may write it" : "belongs to uid"));
  chmod(p.places.trust.keys.c_str(), 0755);
  BOOST_TEST(read() == "fine");
}

BOOST_AUTO_TEST_CASE(without_keys_nobody_asks) {
  Place p;
  p.places.trust.keys = p.file("nowhere");
  BOOST_TEST(p.install(p.download()) == "good by ");
  BOOST_TEST(p.open() == "fine");
  BOOST_TEST(!holds(slurp(p.lock_path()), "signer"));
}

BOOST_AUTO_TEST_CASE(installed_is_what_a_trusted_key_has_signed) {
  const Place p;
  const std::string so = p.download();
  p.sign(so, p.vendor);
  BOOST_TEST(p.install(so) == p.by_vendor());
  BOOST_TEST(p.entry().signer == p.fingerprint(p.vendor));
  BOOST_TEST((parse_signature(p.entry().signature) == slurp(so + ".sig")));
  BOOST_TEST(p.open() == "fine");
  BOOST_TEST(p.install(so) == p.by_vendor() + ", unchanged");
  // in base64 too; and where it lies already the list's own will do
  spit(so + ".sig", signature_base64(slurp(so + ".sig")) + "\n");
  BOOST_TEST(p.install(so) == p.by_vendor() + ", unchanged");
  BOOST_TEST(p.install(p.places.folder + "/libdso_provider_good.so") == p.by_vendor() + ", unchanged");
}

BOOST_AUTO_TEST_CASE(refused_before_it_is_loaded) {
  const Place p;
  // this one crashes when it is loaded: an error of its signature says that it was not
  const std::string so = p.download("crash-in-constructor");
  const std::string trusted =
      "(trusted in '" + p.places.trust.keys + "': vendor.pem (" + p.fingerprint(p.vendor).substr(0, 12) + "))";
  const std::string run =
      "Who holds a trusted key runs: openssl pkeyutl -sign -rawin -inkey KEY.pem -in " + so + " -out " + so + ".sig.";
  BOOST_TEST(p.install(so) ==
             "Cannot install the provider '" + so + "': it is not signed: there is no '" + so + ".sig' " + trusted + ". " + run);
  const std::string strange = "Cannot install the provider '" + so + "': the signature '" + so +
                              ".sig' is by no trusted key, or the file was changed after it was signed " + trusted +
                              ". Get file and signature anew from who made it. " + run;
  p.sign(so, p.stranger);
  BOOST_TEST(p.install(so) == strange);
  p.sign(so, p.vendor);
  spit(so, slurp(so) + "x");
  BOOST_TEST(p.install(so) == strange);
  spit(so + ".sig", "no signature");
  BOOST_TEST(holds(p.install(so), "it is neither 64 bytes nor their base64, but 12 bytes"));
  BOOST_TEST(!std::filesystem::exists(p.lock_path()));
  p.sign(so, p.vendor);
  BOOST_TEST(holds(p.install(so), "it crashed (SIGABRT)"));
  // a folder without a key trusts nobody, and says so
  std::filesystem::remove(p.key_file("vendor.pem"));
  BOOST_TEST(holds(p.install(so), "only signed providers are allowed here, and '" + p.places.trust.keys + "' holds no key"));
}

BOOST_AUTO_TEST_CASE(loaded_is_what_a_key_signed_that_is_trusted_now) {
  const Place p;
  const std::string so = p.download(), installed = p.places.folder + "/libdso_provider_good.so";
  p.sign(so, p.vendor);
  BOOST_TEST(p.install(so) == p.by_vendor());
  const LockedProvider good = p.entry();

  // the file changes after it was installed; the list's hash with it
  spit(installed, slurp(installed) + "x");
  BOOST_TEST(holds(p.open(), "its SHA-256 is "));
  LockedProvider forged = good;
  forged.sha256 = sha256_hex(slurp(installed));
  p.relock(forged);
  BOOST_TEST(holds(p.open(), "providers.lock holds a signature that the key vendor.pem did not make for this file"));
  std::filesystem::copy_file(so, installed, std::filesystem::copy_options::overwrite_existing);

  // an entry without a signature, one by nobody, none at all
  p.relock({good.name, good.version, good.file, good.sha256});
  BOOST_TEST(holds(p.open(), "it was installed without a signature, and only signed providers are allowed here"));
  forged = good;
  forged.signature = "no signature";
  p.relock(forged);
  BOOST_TEST(holds(p.open(), "providers.lock holds a signature that the key vendor.pem did not make"));
  std::filesystem::remove(p.lock_path());
  BOOST_TEST(holds(p.open(), "so nobody has said that it may be loaded"));
  p.relock(good);
  BOOST_TEST(p.open() == "fine");

  // the key is exchanged, then signed with the new one
  p.key("next.pem", p.stranger.public_pem());
  std::filesystem::remove(p.key_file("vendor.pem"));
  BOOST_TEST(holds(p.open(), "the key that signed it, " + good.signer.substr(0, 12) + ", is not trusted any more (trusted in '"));
  const auto verified = verify_providers(p.places).value();
  BOOST_TEST(verified.at(0).signer == good.signer);
  BOOST_TEST(verified.at(0).key == good.signer.substr(0, 12));
  BOOST_TEST(holds(verified.at(0).problem, "is not trusted any more"));
  p.sign(so, p.stranger);
  BOOST_TEST(p.install(so) == "good by next.pem (" + p.fingerprint(p.stranger).substr(0, 12) + ")");
  BOOST_TEST(p.open() == "fine");
}

BOOST_AUTO_TEST_CASE(a_new_signature_of_the_same_file_is_recorded) {
  const Place p;
  p.key("next.pem", p.stranger.public_pem());
  const std::string so = p.download();
  p.sign(so, p.vendor);
  BOOST_TEST(p.install(so) == p.by_vendor());
  p.sign(so, p.stranger);
  BOOST_TEST(p.install(so) == "good by next.pem (" + p.fingerprint(p.stranger).substr(0, 12) + ")");
  std::filesystem::remove(p.key_file("vendor.pem"));
  BOOST_TEST(p.open() == "fine");
}

BOOST_AUTO_TEST_CASE(the_list_has_both_or_neither) {
  ProviderLock lock;
  lock.put({"vault", "1.0.0", provider_file_name("vault"), std::string(64, 'a'), std::string(64, 'b'), kRfcSignature});
  const std::string text = provider_lock_text(lock);
  BOOST_TEST((parse_provider_lock(text, "/p").value().providers() == lock.providers()));
  const auto with = [&text](const std::string& from, const std::string& to) {
    std::string changed = text;
    return said(parse_provider_lock(changed.replace(changed.find(from), from.size(), to), "/p"));
  };
  const std::string signature = std::string(", \"signature\": \"") + kRfcSignature + "\"";
  for (const std::string& bad : {with(signature, ""), with(", \"signer\": \"" + std::string(64, 'b') + "\"", ""),
                                 with(std::string(64, 'b'), "bb"), with(kRfcSignature, ""), with("\"signer\"", "\"singer\"")})
    BOOST_TEST(holds(bad, "its entry 1 is not a name"), bad);
}

BOOST_AUTO_TEST_SUITE_END()
