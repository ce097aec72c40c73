// dso-init on the host: small, static, laid out under its digest, put right again when somebody damaged it.
#include <sys/stat.h>

#include "base/digest.h"
#include "delivery/env_shim.h"
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_FIXTURE_TEST_SUITE(env_shim, TempRoot)

BOOST_AUTO_TEST_CASE(it_is_installed_once_under_its_digest) {
  const std::string state = path + "/state";
  const auto first = install_env_shim(state);
  BOOST_REQUIRE(first.has_value());
  struct stat before {
  }, after{};
  BOOST_REQUIRE_EQUAL(stat(first->c_str(), &before), 0);
  BOOST_CHECK_EQUAL(before.st_mode & 07777, 0555u);
  const std::string bytes = slurp(*first);
  BOOST_CHECK(
      bytes.starts_with("\x7f"
                        "ELF"));
  BOOST_CHECK_EQUAL(*first, state + "/init/" + sha256_hex(bytes).substr(0, 16) + "/dso-init");
  BOOST_CHECK_EQUAL(*install_env_shim(state), *first);
  BOOST_REQUIRE_EQUAL(stat(first->c_str(), &after), 0);
  BOOST_CHECK_EQUAL(before.st_ino, after.st_ino);  // running containers keep their file
}

BOOST_AUTO_TEST_CASE(a_damaged_one_is_replaced) {
  const std::string state = path + "/state";
  const std::string where = *install_env_shim(state);
  const std::string good = slurp(where);
  std::string other = good;
  other[100] = static_cast<char>(other[100] + 1);
  BOOST_REQUIRE(replace_file(where, other, 0555).has_value());
  BOOST_REQUIRE(install_env_shim(state).has_value());
  BOOST_CHECK(slurp(where) == good);
  BOOST_REQUIRE_EQUAL(chmod(where.c_str(), 0755), 0);
  BOOST_REQUIRE(install_env_shim(state).has_value());
  struct stat st {};
  BOOST_REQUIRE_EQUAL(stat(where.c_str(), &st), 0);
  BOOST_CHECK_EQUAL(st.st_mode & 07777, 0555u);
}

BOOST_AUTO_TEST_CASE(it_is_small_and_static) {
  const std::string bytes = slurp(*install_env_shim(path + "/state"));
  BOOST_CHECK(bytes.find("ld-linux") == std::string::npos && bytes.find("/ld-musl") == std::string::npos);
  BOOST_CHECK(bytes.find("__asan") == std::string::npos);
  if (std::filesystem::exists("/usr/bin/musl-gcc")) BOOST_CHECK_LE(bytes.size(), 64u * 1024);
}

BOOST_AUTO_TEST_SUITE_END()
