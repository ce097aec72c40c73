// The one entry of an archive gets its whole path, and a checksum that tar takes.
#include "logic/tar_name.h"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace dso;

BOOST_AUTO_TEST_SUITE(tar_name)

namespace {

std::string header(const std::string& name, char type, std::size_t size) {
  std::string out(512, '\0');
  out.replace(0, name.size(), name);
  out.replace(100, 7, "0000440");
  std::string octal;
  for (std::size_t rest = size; octal.size() < 11; rest /= 8) octal.insert(octal.begin(), static_cast<char>('0' + rest % 8));
  out.replace(124, 11, octal);
  out[156] = type;
  out.replace(257, 8,
              std::string("ustar\0"
                          "00",
                          8));
  return out;
}

std::string archive(char type = '0', const std::string& before = {}) {
  std::string content = "hunter2";
  content.resize(512);
  return before + header("s", type, 7) + content + std::string(1024, '\0');
}

SecretBuffer bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

unsigned sum_of(std::string_view h) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(h[i]);
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_path_in_one_field_or_two) {
  const std::string folder(90, 'f');
  for (const std::string& path : {std::string("/c"), std::string("/run/secrets/s"), "/" + folder + "/" + folder + "/s"}) {
    SecretBuffer text = bytes(archive());
    BOOST_REQUIRE(name_whole_path(text, path).has_value());
    const std::string_view all = view(text);
    const std::string name(all.substr(0, 100).substr(0, all.substr(0, 100).find('\0'))),
        prefix(all.substr(345, all.find('\0', 345) - 345));
    BOOST_TEST("/" + (prefix.empty() ? "" : prefix + "/") + name == path);
    BOOST_TEST(std::stoul(std::string(all.substr(148, 6)), nullptr, 8) == sum_of(all));
    BOOST_TEST(all.substr(512, 7) == "hunter2");
    BOOST_TEST(all.substr(100, 7) == "0000440");
  }
}

BOOST_AUTO_TEST_CASE(more_about_the_file_comes_before_it) {
  std::string more = "30 SCHILY.xattr.user.a=b\n";
  more.resize(512);
  SecretBuffer text = bytes(archive('0', header("PaxHeaders/s", 'x', 25) + more));
  BOOST_REQUIRE(name_whole_path(text, "/etc/c").has_value());
  BOOST_TEST(std::string(view(text).substr(1024, 6)) == "etc/c" + std::string(1, '\0'));
  more = "12 path=name\n";
  more.resize(512);
  text = bytes(archive('0', header("PaxHeaders/s", 'x', 13) + more));
  BOOST_TEST(name_whole_path(text, "/etc/c").has_error());
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_file) {
  for (const char type : {'5', '2', 'g'}) {
    SecretBuffer text = bytes(archive(type));
    BOOST_TEST(name_whole_path(text, "/c").has_error());
  }
  for (const std::string& bad : {std::string(), std::string(100, 'x'), archive().substr(0, 600)}) {
    SecretBuffer text = bytes(bad);
    BOOST_TEST(name_whole_path(text, "/c").has_error());
  }
  SecretBuffer text = bytes(archive());
  BOOST_TEST(name_whole_path(text, "/" + std::string(101, 'n')).has_error());
  BOOST_TEST(name_whole_path(text, "/" + std::string(200, 'd') + "/n").has_error());
}

BOOST_AUTO_TEST_SUITE_END()
