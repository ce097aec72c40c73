// Verification is OpenSSL's EVP_DigestVerify; its error queue is emptied and never shown.
#include "provider/provider_signature.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "base/digest.h"
#include "provider/openssl_handles.h"

namespace dso {
namespace {

constexpr std::size_t kKeySize = 32, kSignatureSize = 64;
/// The DER of a public key is this and its bytes (RFC 8410 section 4): a fingerprint needs none of OpenSSL's encoders.
constexpr std::string_view kEd25519Prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr std::string_view kMakeKey = "openssl genpkey -algorithm ed25519 -out key.pem, then openssl pkey -in key.pem -pubout";

using namespace openssl;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool verifies(const ProviderKey& key, std::string_view content, std::string_view signature) {
  const Key pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(key.raw), key.raw.size()));
  const Context context(EVP_MD_CTX_new());
  const bool good = pkey && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
                    EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(content), content.size()) == 1;
  ERR_clear_error();
  return good;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') digits += c;
  // 64 bytes are 86 digits and "==": nothing else is a signature
  if (digits.size() != 88 || !digits.ends_with("==") || digits[85] == '=') return std::nullopt;
  std::string out(66, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(digits), 88) != 66) return std::nullopt;
  out.resize(kSignatureSize);
  return out;
}

std::string all_of(const ProviderKeys& keys) {
  if (keys.keys.empty()) return "'" + keys.folder + "' holds no key";
  std::string out = "trusted in '" + keys.folder + "': ";
  for (const ProviderKey& key : keys.keys)
    out += (&key == keys.keys.data() ? "" : ", ") + key.file + " (" + key.fingerprint.substr(0, 12) + ")";
  return out;
}

Error not_installed(const std::string& source, std::string cause, std::string next) {
  return make_error(ErrorClass::plugin, "Cannot install the provider '" + source + "'", std::move(cause), std::move(next));
}

/// What to run, by who may.
std::string how_to_sign(const ProviderKeys& keys, const std::string& source) {
  if (keys.keys.empty())
    return "Put the public key of whom you trust there (*.pem), or remove that folder: providers then need no signature.";
  return "Who holds a trusted key runs: openssl pkeyutl -sign -rawin -inkey KEY.pem -in " + source + " -out " + source +
         kSignatureSuffix + ".";
}

Error unusable(const std::string& path, std::string cause, std::string next) {
  return make_error(ErrorClass::plugin, "Cannot use the provider '" + path + "'", std::move(cause), std::move(next));
}

}  // namespace

const ProviderKey* ProviderKeys::find(std::string_view fingerprint) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const ProviderKey& k) { return k.fingerprint == fingerprint; });
  return found == keys.end() ? nullptr : &*found;
}

const ProviderKey* ProviderKeys::signer_of(std::string_view content, std::string_view signature) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const ProviderKey& k) { return verifies(k, content, signature); });
  return found == keys.end() ? nullptr : &*found;
}

Result<ProviderKey> parse_provider_key(std::string_view pem, const std::string& path, const std::string& file) {
  const auto refused = [&path](std::string cause, std::string next) {
    ERR_clear_error();
    return make_error(ErrorClass::config, "Cannot use the provider key '" + path + "'", std::move(cause),
                      std::move(next) + " No provider is loaded meanwhile.");
  };
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return refused("it is a private key, which whoever signs keeps to himself",
                   "Put the public one there: openssl pkey -in '" + path + "' -pubout.");
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Key key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key) return refused("it is no public key in PEM", "Make a pair: " + std::string(kMakeKey) + ".");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    const char* type = EVP_PKEY_get0_type_name(key.get());
    return refused(std::string("it is ") + (type ? "of the type " + std::string(type) : "of another type") + ", not Ed25519",
                   "Make a pair: " + std::string(kMakeKey) + ".");
  }
  ProviderKey out;
  out.file = file;
  out.raw.resize(kKeySize);
  std::size_t size = kKeySize;
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(out.raw.data()), &size) != 1)
    return refused("OpenSSL cannot read it", "Make it anew.");
  out.fingerprint = sha256_hex(std::string(kEd25519Prefix) + out.raw);
  return out;
}

std::optional<std::string> parse_signature(std::string_view content) {
  if (content.size() == kSignatureSize) return std::string(content);
  return from_base64(content);
}

std::string signature_base64(std::string_view signature) {
  std::string out(4 * ((signature.size() + 2) / 3) + 1, '\0');  // it writes a zero behind it
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(signature), static_cast<int>(signature.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string signer_text(const std::optional<ProviderKeys>& keys, const std::string& fingerprint) {
  if (fingerprint.empty()) return {};
  const ProviderKey* key = keys ? keys->find(fingerprint) : nullptr;
  const std::string digits = fingerprint.substr(0, 12);
  return key ? key->file + " (" + digits + ")" : digits;
}

Result<ProviderKey> check_signature(const ProviderKeys& keys, const std::string& source, std::string_view content,
                                    const std::optional<std::string>& signature) {
  const std::string where = "'" + source + kSignatureSuffix + "'";
  if (keys.keys.empty())
    return not_installed(source, "only signed providers are allowed here, and " + all_of(keys), how_to_sign(keys, source));
  if (!signature)
    return not_installed(source, "it is not signed: there is no " + where + " (" + all_of(keys) + ")", how_to_sign(keys, source));
  const auto parsed = parse_signature(*signature);
  if (!parsed)
    return not_installed(source,
                         where + " is no Ed25519 signature: it is neither 64 bytes nor their base64, but " +
                             std::to_string(signature->size()) + " bytes",
                         how_to_sign(keys, source));
  if (const ProviderKey* signer = keys.signer_of(content, *parsed)) return *signer;
  return not_installed(
      source,
      "the signature " + where + " is by no trusted key, or the file was changed after it was signed (" + all_of(keys) + ")",
      "Get file and signature anew from who made it. " + how_to_sign(keys, source));
}

Result<void> check_signed(const ProviderKeys& keys, const LockedProvider& locked, const std::string& path,
                          std::string_view content) {
  const std::string install = "dso provider install FILE, with FILE" + std::string(kSignatureSuffix) + " beside it";
  if (locked.signer.empty())
    return unusable(path,
                    "it was installed without a signature, and only signed providers are allowed here (" + all_of(keys) + ")",
                    "Install a signed one: " + install + ".");
  const ProviderKey* key = keys.find(locked.signer);
  if (!key)
    return unusable(path,
                    "the key that signed it, " + locked.signer.substr(0, 12) + ", is not trusted any more (" + all_of(keys) + ")",
                    "Install one that a trusted key has signed (" + install + "), or put that key back.");
  if (!verifies(*key, content, parse_signature(locked.signature).value_or("")))
    return unusable(
        path, std::string(kProviderLockName) + " holds a signature that the key " + key->file + " did not make for this file",
        "Somebody changed that list. Install the genuine file again: " + install + ".");
  return {};
}

}  // namespace dso
