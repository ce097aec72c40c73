// OpenSSL's objects that end by themselves, and the answer to its question for a passphrase. For core/provider/*.cpp only: a key
// and what is made with it never leave the function that has it.
#pragma once
#include <openssl/bio.h>
#include <openssl/evp.h>

#include <memory>

namespace dso::openssl {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

/// Else OpenSSL would ask on the terminal.
inline int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace dso::openssl
