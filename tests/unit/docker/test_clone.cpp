// The differential test of a clone: everything that `docker create` takes must be there again.
#include <boost/test/unit_test.hpp>

#include "docker/clone_check.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(clone)

namespace {

using namespace std::chrono_literals;
using namespace test;

}  // namespace

BOOST_AUTO_TEST_CASE(simple_settings) {
  if (!engine_answers()) return;
  for (const char* arguments :
       {"",
        "-e A=b -e 'C=d e\"f' -e EMPTY=",
        "--user 1000:1000",
        "--entrypoint sleep dso-test/busybox:1 600",
        "--read-only --tmpfs /t:size=1m,mode=700",
        "--memory 32m --cpus 0.5 --pids-limit 50 --shm-size 8m",
        "--memory 32m --memory-reservation 16m --memory-swap -1 --cpu-shares 512 --cpuset-cpus 0",
        "--ulimit nofile=1000:2000 --ulimit core=0",
        "--device /dev/null:/dev/n:r",
        "--cap-add NET_ADMIN --cap-drop MKNOD",
        "--label a=b --label com.docker.compose.project=p --label empty=",
        "--sysctl net.ipv4.ip_unprivileged_port_start=0",
        "--dns 1.1.1.1 --dns-search example.org --dns-option ndots:2 --add-host x:10.0.0.1",
        "--log-driver json-file --log-opt max-size=1m --log-opt max-file=2",
        "--init",
        "--stop-signal SIGINT --stop-timeout 3",
        "--restart always",
        "--restart on-failure:3",
        "--restart unless-stopped",
        "--rm",
        "-t -i",
        "-w /tmp",
        "--domainname example.org",
        "--group-add 7",
        "--security-opt no-new-privileges",
        "--pid host",
        "--ipc shareable",
        "--ipc host",
        "--uts host",
        "--oom-score-adj 100",
        "--userns host",
        "--cgroupns private",
        "--health-cmd 'test -f /x' --health-interval 3s --health-timeout 2s --health-retries 4 --health-start-period 5s",
        "--no-healthcheck dso-test/web:1",
        "dso-test/web:1",
        "dso-test/user:1 sleep 600",
        "--expose 99 --expose 53/udp",
        "--mac-address '' --isolation default",
        "--volume-driver local",
        "--blkio-weight 0",
        "--network host",
        "--network none"})
    check(arguments);
  for (const char* arguments : {"--privileged", "--runtime runc", "--security-opt seccomp=unconfined",
                                "--device-cgroup-rule 'c 1:3 r'", "--device-read-bps /dev/vda:1mb"})
    check(arguments, {}, as(CloneAs::sole), Start::none);
}

BOOST_AUTO_TEST_CASE(an_entrypoint_that_was_taken_away_stays_away) {
  if (!engine_answers()) return;
  const std::string with = "dso-unit-" + random_hex(6);
  const RealContainer base("dso-test/busybox:1 true", "create");
  shell("docker commit --change 'ENTRYPOINT [\"/bin/false\"]' --change 'CMD [\"x\"]' " + base.id + " " + with);
  {
    const RealContainer real("--entrypoint '' " + with + " sleep 600", "create");
    const Clone copy(real.id, as(CloneAs::sole));
    expect_same(real.id, copy.id);
    BOOST_TEST(engine().inspect(copy.id, soon()).value().entrypoint.empty());
  }
  shell("docker rmi " + with);
}

BOOST_AUTO_TEST_CASE(hostnames) {
  if (!engine_answers()) return;
  const RealContainer given("--hostname web dso-test/busybox:1 sleep 600", "create");
  const Clone kept(given.id);
  BOOST_TEST(shown(kept.id).at("Config").at("Hostname").as_string() == "web");
  const RealContainer plain("dso-test/busybox:1 sleep 600", "create");
  const Clone own(plain.id);
  BOOST_TEST(shown(own.id).at("Config").at("Hostname").as_string() == json::string_view(own.id).substr(0, 12));
}

BOOST_AUTO_TEST_CASE(images_by_id_and_by_name) {
  if (!engine_answers()) return;
  const RealContainer real("dso-test/busybox:1 sleep 600", "create");
  const Container before = engine().inspect(real.id, soon()).value();
  const Clone by_id(real.id);
  expect_same(real.id, by_id.id, {"Config.Image"});
  BOOST_TEST(engine().inspect(by_id.id, soon()).value().image == before.image_id);
  check(before.image_id + " sleep 600");
  check(before.image_id + " sleep 600", {}, CloneRequest());
}

BOOST_FIXTURE_TEST_CASE(networks, World) {
  if (!engine_answers()) return;
  check("--network " + net + " --network-alias one --network-alias two");
  check("--network " + net + " --hostname web --network-alias one");
  check("--network " + net + " --ip " + address, {}, as(CloneAs::sole), Start::in_turn);
  check("--network " + net + " --link " + neighbour->name + ":db");
  check("--link " + neighbour->name + ":db", {"HostConfig.Links"});  // "/neighbour:/own name/db"
  check("--network container:" + neighbour->id + " dso-test/web:1 sleep 600");
  const std::string network_id = shell("docker network inspect -f '{{.Id}}' " + net);
  check("--network " + network_id, {"HostConfig.NetworkMode"});  // its name now
}

BOOST_FIXTURE_TEST_CASE(links_of_the_default_bridge_lead_to_the_same, World) {
  if (!engine_answers()) return;
  const RealContainer real("--link " + neighbour->name + ":db dso-test/busybox:1 sleep 600");
  const Clone copy(real.id, as(CloneAs::sole));
  const std::vector<std::string> links = engine().inspect(copy.id, soon()).value().links;
  BOOST_REQUIRE(links.size() == 1u);
  BOOST_TEST(links[0].starts_with("/" + neighbour->name + ":/"));
  BOOST_TEST(links[0].ends_with("/db"));
}

BOOST_FIXTURE_TEST_CASE(several_networks, World) {
  if (!engine_answers()) return;
  const RealContainer real("--network " + net + " --network-alias one dso-test/busybox:1 sleep 600");
  shell("docker network connect --alias two --link " + neighbour->name + ":db " + net2 + " " + real.id);
  shell("docker network connect bridge " + real.id);
  const Clone copy(real.id, as(CloneAs::sole));
  BOOST_TEST(engine().start(copy.id, soon()).has_value());
  expect_same(real.id, copy.id);
  BOOST_TEST(engine().inspect(copy.id, soon()).value().endpoints.size() == 3u);
  shell("docker network disconnect " + net + " " + real.id);
  const Clone moved(real.id, as(CloneAs::sole));
  expect_same(real.id, moved.id, {"HostConfig.NetworkMode"});
}

BOOST_FIXTURE_TEST_CASE(volumes_and_binds, World) {
  if (!engine_answers()) return;
  check("-v " + volume +
        ":/data -v /usr:/u:ro --mount type=bind,src=/etc,dst=/e,readonly,bind-propagation=private "
        "--mount type=tmpfs,dst=/t,tmpfs-size=1048576");
  check("--mount type=volume,src=" + volume + ",dst=/m,volume-nocopy");
  check("--volumes-from " + neighbour->name, {"HostConfig.VolumesFrom"});
  // An anonymous volume is lent by the container before.
  const std::set<std::string> named = {"HostConfig.Mounts", "HostConfig.Binds", "HostConfig.VolumesFrom", "Mounts"};
  for (const char* anonymous : {"-v /data", "--mount type=volume,dst=/data"}) BOOST_TEST_CONTEXT(anonymous) {
      check(anonymous, named);
      const RealContainer real(std::string(anonymous) + " dso-test/busybox:1 sh -c 'echo kept >/data/x; sleep 600'");
      const Clone copy(real.id, as(CloneAs::sole));
      const Clone of_the_clone(copy.id, as(CloneAs::sole));
      const auto source = [](const std::string& id) { return engine().inspect(id, soon()).value().mounts.at(0).source; };
      BOOST_TEST(source(copy.id) == source(real.id));
      BOOST_TEST(source(of_the_clone.id) == source(real.id));
      expect_same(copy.id, of_the_clone.id, {"HostConfig.VolumesFrom"});
    }
}

BOOST_AUTO_TEST_CASE(ports) {
  if (!engine_answers()) return;
  // What the engine chose is asked for in the clone.
  for (const char* arguments :
       {"-p 127.0.0.1::80", "-p 80", "-P dso-test/web:1", "-p 127.0.0.1::53/udp -p 53/tcp", "-p 47130-47139:80"})
    check(arguments, {"HostConfig.PortBindings"}, as(CloneAs::sole), Start::in_turn);
  check("-p 127.0.0.1:47110:80 -p 47111-47113:90-92 -p 47114:53/udp", {}, as(CloneAs::sole), Start::in_turn);
}

BOOST_FIXTURE_TEST_CASE(a_stand_in_and_the_final_made_of_it, World) {
  if (!engine_answers()) return;
  const RealContainer real("--rm -p 47120:80 -p 47121:53/udp --network " + net + " --ip " + address +
                           " --network-alias one -e A=hunter2 dso-test/busybox:1 sleep 600");
  CloneRequest request = as(CloneAs::stand_in);
  request.labels[label::kRole] = "stand-in";
  const Clone stand_in(real.id, request);
  BOOST_REQUIRE(engine().start(stand_in.id, soon()).has_value());  // beside the original
  const Container c = engine().inspect(stand_in.id, soon()).value();
  BOOST_REQUIRE(c.published.size() == 2u);
  for (const PublishedPort& p : c.published) {
    BOOST_TEST(p.host_ip == "127.0.0.1");
    BOOST_TEST(p.host_port >= 32768);
  }
  BOOST_TEST(!c.auto_remove);
  BOOST_TEST(c.restart_policy == "no");
  BOOST_REQUIRE(c.endpoints.size() == 1u);
  BOOST_TEST(!c.endpoints[0].static_ip);
  BOOST_TEST(c.endpoints[0].ip != address);
  BOOST_TEST(c.endpoints[0].aliases.empty());
  BOOST_TEST(c.label_or(label::kOrigin).find("hunter2") == std::string::npos);

  CloneRequest last = as(CloneAs::sole);
  last.labels[label::kRole] = "";
  const Clone sole(stand_in.id, last);
  expect_same(real.id, sole.id, {"Config.Labels.dso.origin"});  // named and empty: an image may carry one

  last.as = CloneAs::final;
  const Clone final(stand_in.id, last);
  expect_same(real.id, final.id, {"Config.Labels", "NetworkSettings.Networks.*.Aliases"});  // they wait, noted in the label
  const InspectedContainer from = engine().inspect_whole(stand_in.id, soon()).value();
  const InspectedContainer to = engine().inspect_whole(final.id, soon()).value();
  const auto steps = alias_steps({from.container, view(from.text)}, {to.container, view(to.text)});
  BOOST_REQUIRE(steps.has_value());
  BOOST_REQUIRE(steps->size() == 1u);
  shell("docker stop -t 0 " + real.id);
  BOOST_REQUIRE(engine().start(final.id, soon()).has_value());
  BOOST_REQUIRE(engine().disconnect_network(net, final.id, soon()).has_value());
  BOOST_REQUIRE(engine().connect_network(net, final.id, (*steps)[0].endpoint, soon()).has_value());
  const Container served = engine().inspect(final.id, soon()).value();
  BOOST_TEST(served.endpoints.at(0).ip == address);
  BOOST_TEST((served.endpoints[0].aliases == std::vector<std::string>{"one", c.name}));
  BOOST_TEST(served.published.size() == 4u);  // on IPv4 and IPv6
}

BOOST_FIXTURE_TEST_CASE(a_candidate_differs_in_aliases_only, World) {
  if (!engine_answers()) return;
  const std::string arguments = "--network " + net + " --network-alias one --restart always";
  check(arguments, {"Config.Labels", "NetworkSettings.Networks.*.Aliases"}, as(CloneAs::candidate));
  const RealContainer real(arguments + " dso-test/busybox:1 sleep 600");
  const Clone candidate(real.id, as(CloneAs::candidate));
  BOOST_REQUIRE(engine().start(candidate.id, soon()).has_value());
  BOOST_TEST(engine().inspect(candidate.id, soon()).value().endpoints.at(0).aliases.empty());
}

BOOST_AUTO_TEST_CASE(a_mac_address_of_the_users) {
  if (!engine_answers() || engine().api_version(soon()).value() >= std::pair{1, 44}) return;
  const std::string text = R"({"Image":"dso-test/busybox:1","Cmd":["sleep","600"],"MacAddress":"02:42:11:22:33:44"})";
  const std::string id = engine().create("dso-unit-" + random_hex(6), {text.begin(), text.end()}, soon()).value();
  {
    const Clone sole(id, as(CloneAs::sole));
    expect_same(id, sole.id, {"HostConfig.Runtime"});  // the engine's default, filled in
    const Clone candidate(id, as(CloneAs::candidate));
    expect_same(id, candidate.id, {"HostConfig.Runtime", "Config.MacAddress"});
  }
  shell("docker rm -f " + id);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
