// Membership by what is mounted: never by a label, and by no path that only looks like ours.
#include "logic/mounted_scopes.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(mounted_scopes_)

namespace {

using Ids = std::vector<std::string>;
const auto each = boost::test_tools::per_element();

Container with(const std::vector<std::string>& sources, const std::string& type = "bind") {
  Container c;
  c.labels[label::kScope] = "prod-victim";
  for (const std::string& source : sources) c.mounts.push_back({type, source, "/x", true});
  return c;
}

Ids of(const std::vector<std::string>& sources, const std::string& secrets_dir = "/run/dso/secrets") {
  return mounted_scopes(with(sources), secrets_dir);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_folders_of_a_scope) {
  BOOST_TEST(of({"/run/dso/secrets/run-1/f1", "/etc", "/run/dso/secrets/run-1/env"}) == Ids{"run-1"}, each);
  BOOST_TEST(of({"/run/dso/secrets/web.2/f1", "/run/dso/secrets/api/f1"}) == (Ids{"web.2", "api"}), each);  // --volumes-from
  BOOST_TEST(of({"/run/dso/secrets/web"}) == Ids{"web"}, each);
  BOOST_TEST(mounted_scope(with({"/run/dso/secrets/web/f"}), "/run/dso/secrets") == "web");
  BOOST_TEST(mounts_scope(with({"/run/dso/secrets/web/f"}), "/run/dso/secrets", "web"));
  BOOST_TEST(!mounts_scope(with({"/run/dso/secrets/web2/f"}), "/run/dso/secrets", "web"));
}

BOOST_AUTO_TEST_CASE(what_it_borrows_comes_behind_its_own) {
  Container c = with({"/run/dso/secrets/web/f", "/run/dso/secrets/api/f"});
  c.mounts[0].borrowed = true;
  BOOST_TEST(mounted_scopes(c, "/run/dso/secrets") == (Ids{"api", "web"}), each);
  BOOST_TEST(borrows_scope(c, "web"));
  BOOST_TEST(!borrows_scope(c, "api"));
  BOOST_TEST(!borrows_scope(c, "we"));
}

BOOST_AUTO_TEST_CASE(a_label_makes_no_member) {
  BOOST_TEST(of({}).empty());
  BOOST_TEST(mounted_scope(with({"/etc"}), "/run/dso/secrets").empty());
  BOOST_TEST(!mounts_scope(with({}), "/run/dso/secrets", "prod-victim"));
}

BOOST_AUTO_TEST_CASE(what_only_looks_like_it) {
  BOOST_TEST(of({"/home/x/run/dso/secrets/web/f", "/run/dso/secrets2/web/f", "/run/dso", "/run/dso/secrets", "/run/dso/secrets/",
                 "/run/dso/secrets/.digest-key", "/run/dso/secrets/..", "/run/dso/secrets/../web/f", ""})
                 .empty());
  BOOST_TEST(mounted_scopes(with({"/run/dso/secrets/web/f"}, "volume"), "/run/dso/secrets").empty());
}

BOOST_AUTO_TEST_CASE(paths_as_people_write_them) {
  BOOST_TEST(of({"/run/dso//secrets/web//f/"}) == Ids{"web"}, each);
  BOOST_TEST(of({"/run/dso/secrets/web/f"}, "/run/dso//secrets/") == Ids{"web"}, each);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
