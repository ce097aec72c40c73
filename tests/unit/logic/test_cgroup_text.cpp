// /proc/PID/cgroup of both versions and of hybrid hosts: ids as hints, and who is in whose group.
#include "logic/cgroup_text.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(cgroup_text)

namespace {

const std::string kA(64, 'a'), kB(64, 'b');
using Ids = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(ids_are_64_hex_digits_of_a_path) {
  struct Case {
    std::string text;
    Ids ids;
  };
  const Case cases[] = {
      {"", {}},
      {"0::/\n", {}},
      {"0::/user.slice/user-0.slice/session-1.scope\n", {}},
      {"0::/docker/" + kA + "\n", {kA}},
      {"0::/docker/" + kA, {kA}},
      {"0::/system.slice/docker-" + kA + ".scope\n", {kA}},
      {"0::/machine.slice/libpod-" + kA + ".scope/container\n", {kA}},
      {"0::/machine.slice/libpod-payload-" + kA + "\n", {kA}},
      {"12:pids:/docker/" + kA + "\n1:name=systemd:/docker/" + kA + "\n0::/\n", {kA}},
      {"0::/docker/" + kA + "/docker/" + kB + "\n", {kA, kB}},
      {"0::/docker-" + kB + "/" + kA + "\n", {kB, kA}},
      {"2:cpu:/docker/" + kA + "\n1:pids:/docker/" + kB + "\n", {kA, kB}},
      {"0::/docker/" + kA.substr(1) + "\n", {}},          // 63
      {"0::/docker/" + kA + "a\n", {}},                   // 65
      {"0::/docker/" + std::string(64, 'A') + "\n", {}},  // an id is written in small letters
      {kA + "\n", {}},                                    // not a line of such a file
      {"1:" + kA + ":/\n", {}},                           // a controller is no path
      {"1:name=systemd:/a:" + kA + ":b\n", {kA}},         // a path may hold colons
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.text) BOOST_TEST((container_ids_in(c.text) == c.ids));
  BOOST_TEST((ids_in_text("conmon -c " + kA + '\0' + "-u " + kA + " -b /x/" + kB) == Ids{kA, kB}));
}

BOOST_AUTO_TEST_CASE(in_the_group_at_it_or_below_in_every_hierarchy) {
  const std::string v1 = "12:pids:/docker/" + kA + "\n4:memory:/docker/" + kA + "\n0::/\n";
  struct Case {
    const char* what;
    std::string init, peer;
    bool in;
  };
  const std::string v2 = "0::/docker/" + kA + "\n", scope = "0::/system.slice/docker-" + kA + ".scope\n";
  const Case cases[] = {
      {"version 2", v2, v2, true},
      {"version 2, below", v2, "0::/docker/" + kA + "/inner\n", true},
      {"version 2, beside", v2, "0::/docker/" + kA + "-x\n", false},
      {"version 2, above", v2, "0::/docker\n", false},
      {"version 2, elsewhere", v2, "0::/docker-" + kA + "\n", false},
      {"version 2, nested by name", v2, "0::/x/docker/" + kA + "\n", false},
      {"systemd's driver", scope, scope, true},
      {"systemd's driver, a user's unit", scope, "0::/user.slice/user-7.slice/user@7.service/app.slice/docker-" + kA + ".scope\n",
       false},
      {"systemd's driver, the user's unit in the same slice", scope, "0::/system.slice/docker-" + kA + "-x.scope\n", false},
      {"version 1", v1, v1, true},
      {"version 1, below in one", v1, "12:pids:/docker/" + kA + "/x\n4:memory:/docker/" + kA + "\n0::/\n", true},
      {"version 1, one hierarchy elsewhere", v1, "12:pids:/docker/" + kA + "\n4:memory:/\n0::/\n", false},
      {"version 1, one hierarchy missing", v1, "12:pids:/docker/" + kA + "\n0::/\n", false},
      {"version 1, one hierarchy more", v1, v1 + "2:cpu:/\n", false},
      {"hybrid: where the container has none of its own, its engine's group counts",
       "1:name=systemd:/docker/" + kA + "\n0::/system.slice/containerd.service\n",
       "1:name=systemd:/docker/" + kA + "\n0::/system.slice/containerd.service\n", true},
      {"hybrid: the second line is somebody else's", "1:name=systemd:/docker/" + kA + "\n0::/system.slice/containerd.service\n",
       "1:name=systemd:/docker/" + kA + "\n0::/user.slice\n", false},
      {"an init system moved itself down, its services lie beside it", "0::/docker/" + kA + "/init.scope\n",
       "0::/docker/" + kA + "/system.slice/x.service\n", true},
      {"the group ends with the outermost id", "0::/docker/" + kA + "/x-" + kA + "\n", "0::/docker/" + kA + "\n", true},
      {"no group of its own: everything lies below /", "0::/\n", "0::/docker-" + kA + "\n", false},
      {"no group of its own, version 1", "4:memory:/\n0::/\n", "4:memory:/docker/" + kA + "\n0::/\n", false},
      {"another cgroup namespace's root", "0::/../" + kA + "\n", "0::/../" + kA + "/x\n", true},
      {"up is not below", "4:memory:/..\n0::/../../docker/" + kA + "\n", "4:memory:/../../x\n0::/../../docker/" + kA + "\n",
       false},
      {"up from / is not below", "4:memory:/\n0::/docker/" + kA + "\n", "4:memory:/..\n0::/docker/" + kA + "\n", false},
      {"a folder may begin with dots", "0::/docker/" + kA + "\n", "0::/docker/" + kA + "/..x\n", true},
      {"a group that was removed", v2, "0::/docker/" + kA + " (deleted)\n", false},
      {"nothing to be read", "", "", false},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) BOOST_TEST(in_group_of(c.peer, c.init, kA) == c.in);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
