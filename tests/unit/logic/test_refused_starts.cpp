// Started again is only what the engine itself wanted to start, and could not for want of a secret.
#include "logic/refused_starts.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(refused_starts)

namespace {

constexpr const char* kDir = "/run/dso/secrets";
/// As Docker 20.10 leaves it in State.Error when it starts its containers.
constexpr const char* kRunc =
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during "
    "container init: error mounting \"/run/dso/secrets/web/files\" to rootfs at \"/run/secrets\": stat "
    "/run/dso/secrets/web/files: "
    "no such file or directory: unknown";

Container refused(std::string error = kRunc, std::string policy = "always", std::string state = "exited") {
  Container c;
  c.id = "c1";
  c.name = "web";
  c.mounts = {{"bind", "/run/dso/secrets/web/files", "/run/secrets", true}};
  c.start_error = std::move(error);
  c.restart_policy = std::move(policy);
  c.state = std::move(state);
  return c;
}
bool starts(const Container& c) {
  return refused_for_its_secrets(c, kDir);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_engine_would_have_started) {
  for (const char* policy : {"always", "unless-stopped", "on-failure"}) BOOST_TEST(starts(refused(kRunc, policy)), policy);
  BOOST_TEST(
      starts(refused("invalid mount config for type \"bind\": bind source path does not exist: /run/dso/secrets/web/env")));
}

BOOST_AUTO_TEST_CASE(what_its_policy_leaves_alone) {
  for (const char* policy : {"no", "", "new-policy"}) BOOST_TEST(!starts(refused(kRunc, policy)), policy);
}

BOOST_AUTO_TEST_CASE(what_somebody_stopped_or_what_runs) {
  BOOST_TEST(!starts(refused("")));  // the engine never tried: it was stopped before
  for (const char* state : {"running", "paused", "restarting", "created", "dead", "removing"})
    BOOST_TEST(!starts(refused(kRunc, "always", state)), state);
}

BOOST_AUTO_TEST_CASE(what_fails_for_another_reason) {
  for (const char* error : {
           "driver failed programming external connectivity: port is already allocated",
           "error mounting \"/srv/data\" to rootfs: stat /srv/data: no such file or directory",
           "error mounting \"/run/dso/secrets/web2/files\" to rootfs: no such file or directory",  // another scope
           "error mounting \"/other/secrets/web/files\" to rootfs: no such file or directory",     // another run dir
           "error mounting \"/run/dso/secrets/web/files\" to rootfs: permission denied",
           "exec: \"/app\": stat /app: no such file or directory",
       })
    BOOST_TEST(!starts(refused(error)), error);
  Container c = refused();
  c.mounts.clear();
  BOOST_TEST(!starts(c));
}

BOOST_AUTO_TEST_CASE(what_a_rotation_is_about_to_bring_or_drop) {
  Container c = refused();
  c.labels[label::kRole] = "candidate";
  c.labels[label::kService] = "web";
  BOOST_TEST(starts(c));  // it has taken the name
  c.name = "web_dso_new";
  BOOST_TEST(!starts(c));
  c = refused();
  c.name = "web_dso_old";
  BOOST_TEST(!starts(c));
}

BOOST_AUTO_TEST_CASE(a_volume_that_could_not_be_filled) {
  constexpr const char* kMount =
      "error while mounting volume '': Failed to fetch secret 'myapp/db': Unavailable: the store is down";
  const auto volume = [](std::string error, std::string policy = "always", std::string state = "exited") {
    Container c = refused(std::move(error), std::move(policy), std::move(state));
    c.labels.clear();
    return refused_for_its_volume(c);
  };
  BOOST_TEST(volume(kMount));
  BOOST_TEST(!volume(kMount, "no"));
  BOOST_TEST(!volume(kMount, "always", "created"));  // `docker run` failed, and whoever called it knows
  BOOST_TEST(!volume(kMount, "always", "running"));
  BOOST_TEST(!volume(""));
  BOOST_TEST(!volume(kRunc));
}

BOOST_AUTO_TEST_SUITE_END()
