// The engine's tars of /etc/passwd, and whose number a name has.
#include <boost/test/unit_test.hpp>

#include "logic/passwd_text.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(passwd_text)

namespace {

std::string octal(std::size_t n, std::size_t digits) {
  std::string out(digits, '0');
  for (std::size_t i = digits; i-- > 0; n /= 8) out[i] = static_cast<char>('0' + n % 8);
  return out;
}

std::string entry(char type, const std::string& content, const std::string& link = "") {
  std::string header(512, '\0');
  header.replace(0, 6, "passwd");
  header.replace(124, 11, octal(content.size(), 11));
  header[156] = type;
  header.replace(157, link.size(), link);
  header.replace(257, 5, "ustar");
  std::string body = content;
  body.resize((content.size() + 511) / 512 * 512);
  return header + body;
}

const std::string kEnd(1024, '\0');
const std::string kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n# "
    "comment\nbad\napp:x:1000:1000:app:/home/app:/bin/sh\napp:x:7:7::/:\nlast:x:4294967294:1::/:";

std::string first(const std::string& tar) {
  const auto found = first_of_tar(tar);
  return !found ? "none" : found->link.empty() ? "file " + std::string(found->content) : "link " + found->link;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_file_or_link) {
  BOOST_TEST(first(entry('0', kPasswd) + kEnd) == "file " + kPasswd);
  BOOST_TEST(first(entry('\0', "x") + kEnd) == "file x");
  BOOST_TEST(first(entry('0', "") + kEnd) == "file ");
  BOOST_TEST(first(entry('2', "", "../usr/passwd") + kEnd) == "link ../usr/passwd");
  BOOST_TEST(first(entry('x', "21 mtime=1.5\n") + entry('0', "x") + kEnd) == "file x");
  BOOST_TEST(first(entry('x', "13 linkpath=a\n") + entry('2', "", "cut") + kEnd) == "link cut", "a wrong length is no record");
  BOOST_TEST(first(entry('x', "14 linkpath=a\n") + entry('2', "", "cut") + kEnd) == "link a");
  BOOST_TEST(first(entry('K', std::string("long\0", 5)) + entry('2', "", "cut") + kEnd) == "link long");
}

BOOST_AUTO_TEST_CASE(what_is_no_tar) {
  for (const std::string& tar : {std::string(), std::string(511, 'x'), kEnd, entry('5', "") + kEnd, entry('2', "") + kEnd,
                                 entry('0', kPasswd).substr(0, 520), std::string(512, '\xff')})
    BOOST_TEST(first(tar) == "none");
}

BOOST_AUTO_TEST_CASE(names_have_numbers) {
  BOOST_TEST(uid_in_passwd(kPasswd, "root").value() == 0u);
  BOOST_TEST(uid_in_passwd(kPasswd, "app").value() == 1000u);
  BOOST_TEST(uid_in_passwd(kPasswd, "last").value() == 4294967294u);
  for (const char* name : {"", "ap", "appx", "bad", "# comment", "x"}) BOOST_TEST(!uid_in_passwd(kPasswd, name), name);
  for (const char* line : {"a:x", "a:x:", "a:x:-1:0", "a:x:1k:0", "a:x:4294967296:0"})
    BOOST_TEST(!uid_in_passwd(line, "a"), line);
  BOOST_TEST(uid_in_passwd("a:x:5", "a").value() == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
