// Digests against published vectors (FIPS 180-2, RFC 4231).
#include "base/digest.h"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace dso;

BOOST_AUTO_TEST_SUITE(digest)

BOOST_AUTO_TEST_CASE(sha256_vectors) {
  BOOST_TEST(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(hmac_vectors) {
  BOOST_TEST(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There") ==
             "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  BOOST_TEST(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
             "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  BOOST_TEST(hmac_sha256_hex("k1", "same") != hmac_sha256_hex("k2", "same"));
}

BOOST_AUTO_TEST_CASE(random_is_hex_of_the_length_asked_for_and_never_twice_the_same) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string r = random_hex(16);
    BOOST_TEST(r.size() == 32u);
    BOOST_TEST(r.find_first_not_of("0123456789abcdef") == std::string::npos);
    BOOST_TEST(seen.insert(r).second);
  }
  BOOST_TEST(random_hex(0) == "");
}

BOOST_AUTO_TEST_SUITE_END()
