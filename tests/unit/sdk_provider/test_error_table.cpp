// The three places that list the error classes agree: docs/errors.md, sdk/dso/provider.h and base/error.cpp.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "dso/provider.h"
#include "places.h"

BOOST_AUTO_TEST_SUITE(error_table)

namespace {

std::string read(const std::string& path) {
  std::ifstream in(dso::test::in_tree(path));
  BOOST_REQUIRE_MESSAGE(in.good(), path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Row {
  std::string name;
  int exit_code = 0;
  bool retried = false;
  std::string next;
};
std::string trimmed(std::string s) {
  s.erase(0, std::min(s.find_first_not_of(" `"), s.size()));
  s.erase(s.find_last_not_of(" `") + 1);
  return s;
}
/// Rows such as "| 4 | `NotFound` | 4 | no | … |".
std::map<int, Row> documented() {
  std::map<int, Row> rows;
  std::istringstream text(read("docs/errors.md"));
  for (std::string line; std::getline(text, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(trimmed(cell));
    if (cells.size() < 6 || cells[1].empty() || cells[1].find_first_not_of("0123456789") != std::string::npos) continue;
    BOOST_TEST_REQUIRE((cells[4].starts_with("yes") || cells[4].starts_with("no")), line);
    BOOST_TEST(!rows.contains(std::stoi(cells[1])), line);
    rows[std::stoi(cells[1])] = {cells[2], std::stoi(cells[3]), cells[4].starts_with("yes"), cells[5]};
  }
  return rows;
}

/// error.cpp knows a number if it does not fall back to its last entry.
bool known(int number) {
  return dso::class_name(static_cast<dso::ErrorClass>(number)) != "Internal" ||
         number == static_cast<int>(dso::ErrorClass::internal);
}

std::string squeezed(const std::string& s) {  // ACCESS_DENIED and AccessDenied alike: "accessdenied"
  std::string out;
  for (const char c : s)
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_page_has_exactly_the_classes_of_the_code) {
  const auto rows = documented();
  for (int n = 1; n < 300; ++n) BOOST_TEST(rows.contains(n) == known(n), "class " << n);
  for (const auto& [n, row] : rows) {
    const auto cls = static_cast<dso::ErrorClass>(n);
    BOOST_TEST(row.name == dso::class_name(cls));
    BOOST_TEST(row.exit_code == dso::exit_code(cls), row.name);
    BOOST_TEST(row.retried == dso::is_transient(cls), row.name);
    BOOST_TEST(row.next.size() > 10, row.name);
  }
}

BOOST_AUTO_TEST_CASE(the_abi_has_exactly_the_store_classes) {
  std::istringstream header(read("core/sdk/dso/provider.h"));
  std::map<int, std::string> abi;
  for (std::string line; std::getline(header, line);) {
    char name[64];
    int number = 0;
    // NOLINTNEXTLINE(cert-err34-c): our own header
    if (std::sscanf(line.c_str(), " DSO_E_%63[A-Z_] = %d", name, &number) == 2) abi[number] = name;
  }
  BOOST_TEST(abi.size() == 18u);
  for (int n = 1; n < 100; ++n) BOOST_TEST(abi.contains(n) == known(n), "class " << n);
  for (const auto& [n, name] : abi) {
    const std::string ours = squeezed(std::string(dso::class_name(static_cast<dso::ErrorClass>(n))));
    BOOST_TEST(ours.starts_with(squeezed(name)), name << " is " << ours);
  }
}

BOOST_AUTO_TEST_CASE(numbers_never_change) {
  BOOST_TEST(int{DSO_E_ACCESS_DENIED} == 1);
  BOOST_TEST(int{DSO_E_NOT_FOUND} == 4);
  BOOST_TEST(int{DSO_E_UNAVAILABLE} == 9);
  BOOST_TEST(int{DSO_E_MALFORMED} == 17);
  BOOST_TEST(int{DSO_E_UNSUPPORTED} == 18);
}

BOOST_AUTO_TEST_SUITE_END()
