// A store that is not as it was written: every damage is an error that names the file, and changes nothing.
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

namespace {

struct DamageFixture : StoreFixture {
  std::string good;
  DamageFixture() {
    init();
    set("myapp/db", "password", "the value of the password").value();
    set("myapp/db", "user", "somebody").value();
    good = slurp(where.data_file());
  }
  /// Reading and changing both fail, name the file, and leave it as it is.
  void refused(const std::string& bytes, const std::string& how) {
    spit(where.data_file(), bytes);
    auto read = open();
    BOOST_REQUIRE_MESSAGE(read.has_error(), how + " was read");
    const Error& e = read.error();
    BOOST_TEST((e.cls == ErrorClass::store_corrupt || e.cls == ErrorClass::decrypt_failed || e.cls == ErrorClass::unsupported ||
                e.cls == ErrorClass::credentials_unavailable),
               how << ": " << render(e));
    BOOST_TEST(render(e).find(where.data_file()) != std::string::npos, how << ": " << render(e));
    BOOST_TEST(set("other", "", "x").has_error(), how);
    BOOST_TEST(LocalStore::remove(where, std::nullopt, "myapp/db", "").has_error(), how);
    BOOST_TEST((slurp(where.data_file()) == bytes), how << " was changed");
  }
};

constexpr std::size_t kHeader = 96;

std::string flipped(std::string bytes, std::size_t at, int bit) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  return bytes;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(damage, DamageFixture)

BOOST_AUTO_TEST_CASE(every_byte_flipped) {
  for (std::size_t at = 0; at < good.size(); ++at)
    refused(flipped(good, at, static_cast<int>(at % 8)), "byte " + std::to_string(at));
}

BOOST_AUTO_TEST_CASE(every_bit_of_the_header_flipped) {
  for (std::size_t at = 0; at < kHeader; ++at)
    for (int bit = 0; bit < 8; ++bit) {
      spit(where.data_file(), flipped(good, at, bit));
      BOOST_TEST(open().has_error(), "bit " << bit << " of byte " << at);
    }
}

BOOST_AUTO_TEST_CASE(every_length) {
  for (std::size_t size = 0; size < good.size(); ++size) refused(good.substr(0, size), "length " + std::to_string(size));
  refused(good + "x", "a byte more");
  spit(where.data_file(), good.substr(0, good.size() - 1));
  BOOST_TEST(render(open().error()).find("truncated") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(something_else_altogether) {
  refused("", "an empty file");
  refused(std::string(4096, '\0'), "zeros");
  refused("{\"secrets\": {}}", "JSON");
  BOOST_REQUIRE(unlink(where.data_file().c_str()) == 0);
  BOOST_REQUIRE(mkdir(where.data_file().c_str(), 0700) == 0);
  BOOST_TEST(render(open().error()).find(where.data_file()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_newer_format_asks_for_an_upgrade) {
  std::string newer = good;
  newer[8] = 2;
  spit(where.data_file(), newer);
  const Error e = open().error();
  BOOST_TEST((e.cls == ErrorClass::unsupported));
  BOOST_TEST(render(e).find("format 2") != std::string::npos);
  BOOST_TEST(e.next.find("Upgrade DSO") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(scrypt_parameters_from_a_file_are_bounded) {
  const auto with = [this](unsigned log2_n, unsigned r, unsigned p) {
    std::string file = good;
    file[11] = 1;
    const unsigned numbers[] = {log2_n, r, p};
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t b = 0; b < 4; ++b) file[12 + i * 4 + b] = static_cast<char>(numbers[i] >> (8 * b) & 0xff);
    spit(where.data_file(), file);
    return LocalStore::open(where, secret("x")).error();
  };
  for (auto [n, r, p] : {std::array{40u, 8u, 1u},
                         {20u, 16u, 1u},
                         {17u, 1000u, 1u},
                         {17u, 8u, 5u},
                         {17u, 0u, 1u},
                         {17u, 8u, 0u},
                         {1u, 8u, 1u},
                         {0xffffffffu, 8u, 1u}}) {
    const Error e = with(n, r, p);
    BOOST_TEST((e.cls == ErrorClass::store_corrupt), render(e));
    BOOST_TEST(e.cause.find("scrypt") != std::string::npos, render(e));
  }
}

BOOST_AUTO_TEST_CASE(the_key_of_another_store) {
  const StoreLocation other{temp.path + "/other"};
  BOOST_REQUIRE(LocalStore::init(other, std::nullopt).has_value());
  spit(where.key_file(), slurp(other.key_file()));
  refused(good, "another key");
  BOOST_TEST(render(open().error()).find("'" + where.key_file() + "' holds another store's key") != std::string::npos);
  BOOST_TEST((open().error().cls == ErrorClass::decrypt_failed));
}

BOOST_AUTO_TEST_CASE(a_key_file_of_another_size) {
  const std::string key = slurp(where.key_file());
  for (const std::string& bad : {std::string(), key.substr(1), key + "x"}) {
    spit(where.key_file(), bad);
    refused(good, "a key of " + std::to_string(bad.size()) + " bytes");
    BOOST_TEST(render(open().error()).find(where.key_file()) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_key_names_both_files) {
  BOOST_REQUIRE(unlink(where.key_file().c_str()) == 0);
  refused(good, "no key");
  const Error e = open().error();
  BOOST_TEST((e.cls == ErrorClass::credentials_unavailable));
  BOOST_TEST(render(e).find(where.data_file()) != std::string::npos);
  BOOST_TEST(render(e).find(where.key_file()) != std::string::npos);
  BOOST_TEST(LocalStore::init(where, std::nullopt).has_error());  // no new key over an old store
  BOOST_TEST(!std::filesystem::exists(where.key_file()));
}

BOOST_AUTO_TEST_CASE(a_key_file_that_others_can_read_is_refused) {
  for (mode_t mode : {0644u, 0640u, 0604u, 0620u}) {
    BOOST_REQUIRE(chmod(where.key_file().c_str(), mode) == 0);
    refused(good, "a readable key");
    BOOST_TEST(open().error().next == "Run `chmod 600 " + where.key_file() + "`.");
  }
  BOOST_REQUIRE(chmod(where.key_file().c_str(), 0400) == 0);
  BOOST_TEST(open().has_value());
}

BOOST_AUTO_TEST_CASE(a_key_file_of_somebody_else_is_refused) {
  if (geteuid() != 0) return;
  BOOST_REQUIRE(chown(where.key_file().c_str(), 12345, 12345) == 0);
  refused(good, "somebody else's key");
  BOOST_TEST(render(open().error()).find("12345") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
