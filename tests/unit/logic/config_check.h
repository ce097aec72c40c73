// For the tests of parse_config: findings as the lines that people see.
#pragma once
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "logic/parse_config.h"

namespace config_check {

/// "3:5 error: key: message. hint"
inline std::vector<std::string> findings(std::string_view yaml) {
  std::vector<std::string> out;
  for (const dso::Diagnostic& d : dso::parse_config(yaml, "f").diagnostics) out.push_back(dso::render_with_severity(d).substr(2));
  return out;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

/// The config of a file without any finding.
inline dso::Config clean(std::string_view yaml) {
  const auto lines = findings(yaml);
  BOOST_TEST(lines.empty(), joined(lines));
  auto parsed = dso::parse_config(yaml, "f");
  BOOST_REQUIRE(parsed.config.has_value());
  return std::move(*parsed.config);
}

/// The config of a file with warnings only.
inline dso::Config warned(std::string_view yaml) {
  auto parsed = dso::parse_config(yaml, "f");
  BOOST_REQUIRE_MESSAGE(parsed.config.has_value(), joined(findings(yaml)));
  BOOST_TEST(!parsed.diagnostics.empty());
  return std::move(*parsed.config);
}

/// Exactly this one finding.
inline void check_one(std::string_view yaml, const std::string& line) {
  BOOST_TEST_CONTEXT(yaml) {
    BOOST_TEST(joined(findings(yaml)) == line + "\n");
    BOOST_TEST(dso::parse_config(yaml, "f").config.has_value() == (line.find(" error: ") == std::string::npos));
  }
}

/// One of the findings is this one.
inline void check_among(std::string_view yaml, const std::string& line) {
  const auto lines = findings(yaml);
  const bool found = std::find(lines.begin(), lines.end(), line) != lines.end();
  BOOST_TEST(found, "wanted: " << line << "\ngot:\n" << joined(lines));
}

struct Bad {
  std::string_view yaml;
  std::string line;
};

}  // namespace config_check
