// Mounts that cannot be together are found before the engine is asked, those that can are left alone.
#include "logic/mount_clash.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(mount_clash_)

namespace {

const std::vector<ScopeMount> kFiles = {{"/h/files", "/run/secrets"}};
const std::vector<ScopeMount> kVariables = {{"/h/env", "/run/dso/env"}, {"/h/init", "/run/dso/init"}};

std::string cause(const OwnMount& own, const std::vector<ScopeMount>& ours = kFiles) {
  const auto clash = mount_clash({own}, ours);
  return clash ? clash->cause : "";
}

void reads(const OwnMount& mount, const std::string& target, bool read_only) {
  BOOST_TEST(mount.target == target);
  BOOST_TEST(mount.read_only == read_only);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_docker_takes) {
  reads(own_volume("/anonymous"), "/anonymous", false);
  reads(own_volume("./certs:/run/secrets/certs"), "/run/secrets/certs", false);
  reads(own_volume("name:/data:z,ro"), "/data", true);
  reads(own_volume("name:/data:nocopy"), "/data", false);
  reads(own_mount("type=bind,source=/a,target=/b,readonly"), "/b", true);
  reads(own_mount("type=volume,dst=/b,readonly=false"), "/b", false);
  reads(own_mount("\"destination=/b\",ro=1"), "/b", true);
  reads(own_tmpfs("/run:size=1m"), "/run", false);
  reads(own_mount("type=bind"), "", false);
}

BOOST_AUTO_TEST_CASE(what_comes_by_volumes_from) {
  const auto of = [](const Lender& l) { return l.name + (l.is_service ? " service" : "") + (l.read_only ? " ro" : ""); };
  BOOST_TEST(of(lender_of_run("db")) == "db");
  BOOST_TEST(of(lender_of_run("db:ro")) == "db ro");
  BOOST_TEST(of(lender_of_run("db:z,ro")) == "db ro");
  BOOST_TEST(of(lender_of_service("db:rw")) == "db service");
  BOOST_TEST(of(lender_of_service("container:db:ro")) == "db ro");
  const auto first = [](const std::vector<OwnMount>& mounts) {
    const auto clash = mount_clash(lent(mounts, {"db", false, false}), kFiles);
    return clash ? clash->what + ": " + clash->cause : "";
  };
  BOOST_TEST(first({{"/run/secrets"}}) == "");  // DSO's own is taken
  BOOST_TEST(
      first({{"/data"}, {"/run/secrets/x"}}) ==
      "Cannot mount DSO's /run/secrets beside the mount of 'db' at /run/secrets/x, which comes by volumes-from: it lies in a "
      "folder that DSO mounts whole and read-only");
  BOOST_TEST(first({{"/run"}}) == "");
  BOOST_TEST(first({{"/run", true}}).ends_with("it is read-only, so that the engine cannot make a folder in it"));
  BOOST_TEST(mount_clash(lent({{"/run"}}, {"db", false, true}), kFiles).has_value());
}

BOOST_AUTO_TEST_CASE(below_at_and_above) {
  BOOST_TEST(cause({"/run/secrets/certs", true}) == "it lies in a folder that DSO mounts whole and read-only");
  BOOST_TEST(cause({"/run/secrets/certs"}) == "it lies in a folder that DSO mounts whole and read-only");
  BOOST_TEST(cause({"/run/secrets/"}) == "both are for the same place");
  BOOST_TEST(cause({"/var/run/secrets/./certs"}) == "it lies in a folder that DSO mounts whole and read-only");
  BOOST_TEST(cause({"/run", true}, kVariables) == "it is read-only, so that the engine cannot make a folder in it");
  BOOST_TEST(cause({"/var/run", true}, kVariables) == "it is read-only, so that the engine cannot make a folder in it");
  BOOST_TEST(cause({"/run/dso", true}, kVariables) == "it is read-only, so that the engine cannot make a folder in it");
  const auto clash = mount_clash({{"/data"}, {"/run/secrets/certs"}}, kFiles);
  BOOST_REQUIRE(clash.has_value());
  BOOST_TEST(clash->what == "Cannot mount DSO's /run/secrets beside the container's own mount at /run/secrets/certs");
  BOOST_TEST(clash->next.starts_with("Mount it elsewhere, or give DSO's files another folder"));
}

BOOST_AUTO_TEST_CASE(what_is_beside_is_left_alone) {
  for (const OwnMount& own : {OwnMount{"/data", true}, OwnMount{"/run"}, OwnMount{"/run/secrets2", true},
                              OwnMount{"/run/docker.sock"}, OwnMount{"relative"}, OwnMount{""}, OwnMount{"/runs", true}}) {
    BOOST_TEST(cause(own) == "", own.target);
    BOOST_TEST(cause(own, kVariables) == "", own.target);
  }
  BOOST_TEST(cause({"/run", true}, {}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
