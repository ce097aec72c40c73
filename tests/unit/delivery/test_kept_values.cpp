// What a scope keeps of its secrets comes back as it was, byte for byte, or not at all.
#include "delivery/kept_values.h"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace dso;
using namespace dso::delivery;

namespace {

using Values = std::map<SecretKey, SecretValue>;

SecretValue secret(const std::string& name, const std::vector<std::pair<std::string, std::string>>& fields) {
  SecretValue out{name, "v7", {}};
  for (const auto& [field, value] : fields) out.fields.push_back({field, SecretBytes::copy_of(value)});
  return out;
}

bool same(const Values& a, const Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.name == y.second.name && x.second.version == y.second.version &&
           std::equal(
               x.second.fields.begin(), x.second.fields.end(), y.second.fields.begin(), y.second.fields.end(),
               [](const SecretField& f, const SecretField& g) { return f.name == g.name && f.value.equals(g.value.reveal()); });
  });
}

Values some() {
  Values out;
  out.emplace(SecretKey{"prod", "a/b"}, secret("a/b", {{"password", std::string("x\0:\n3:\0", 7)}, {"", ""}}));
  out.emplace(SecretKey{"", ""}, secret("", {}));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kept_values_)

BOOST_AUTO_TEST_CASE(there_and_back) {
  const Values values = some();
  const auto back = decode_values(view(encode_values(values)));
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(same(values, *back));
  BOOST_TEST(decode_values(view(encode_values({})))->empty());
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused) {
  const SecretBuffer good = encode_values(some());
  for (std::size_t n = 0; n < good.size(); ++n) BOOST_TEST(decode_values(view(good).substr(0, n)).has_error(), n);
  SecretBuffer longer = good;
  append(longer, "x");
  BOOST_TEST(decode_values(view(longer)).has_error());
  std::minstd_rand random(7);
  for (int i = 0; i < 2000; ++i) {
    SecretBuffer other = good;
    other[random() % other.size()] = static_cast<char>(random());
    (void)decode_values(view(other));  // whatever it says, it ends, within its bytes
  }
  BOOST_TEST(decode_values("dso-values 1\n99999999999999999999:").has_error());
  BOOST_TEST(decode_values("dso-values 1\n1:18446744073709551615:x").has_error());
}

BOOST_AUTO_TEST_SUITE_END()
