// For the differential test of a clone: what the engine shows of a container and of its clone, compared member by member; what
// may differ is listed here by name.
#pragma once
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "docker/engine.h"
#include "docker/real_container.h"
#include "docker/soon.h"
#include "logic/clone_spec.h"

namespace dso::test {

namespace json = boost::json;

/// One that signs what is noted about rotations.
inline Engine engine() {
  static const Engine one = [] {
    Engine e = Engine::from_environment().value();
    e.believe_notes(SecretBytes::copy_of(std::string(32, 'k')), {});
    return e;
  }();
  return one;
}

/// What belongs to the one container that the engine shows, not to how it was made.
inline const std::set<std::string> kOwn = {
    "Id",
    "Created",
    "Name",
    "State",           // its process
    "ResolvConfPath",  // the engine's files of it
    "HostnamePath",
    "HostsPath",
    "LogPath",
    "GraphDriver",  // its layer
    "ImageManifestDescriptor",
    "HostConfig.ContainerIDFile",      // written by the docker command, once
    "Config.Labels.dso.rotation.mac",  // over the labels that a rotation sets
    "Config.Hostname",                 // given by the engine: the id's beginning; kept_hostname looks at the user's
    "NetworkSettings.Ports",           // as bound now
    "NetworkSettings.SandboxID",
    "NetworkSettings.SandboxKey",
    "NetworkSettings.EndpointID",
    "NetworkSettings.IPAddress",
    "NetworkSettings.MacAddress",
    "NetworkSettings.Gateway",
    "NetworkSettings.IPPrefixLen",
    "NetworkSettings.Networks.*.EndpointID",
    "NetworkSettings.Networks.*.NetworkID",
    "NetworkSettings.Networks.*.IPAddress",
    "NetworkSettings.Networks.*.IPPrefixLen",
    "NetworkSettings.Networks.*.Gateway",
    "NetworkSettings.Networks.*.MacAddress",
    "NetworkSettings.Networks.*.DNSNames",  // with the name and the id
};

struct Differences {
  std::set<std::string> allowed = kOwn;
  std::vector<std::string> found;

  void compare(const json::value* a, const json::value* b, const std::string& path) {
    if (allowed.contains(path)) return;
    const auto nothing = [](const json::value* v) {
      return !v || v->is_null() || (v->is_object() && v->get_object().empty()) || (v->is_array() && v->get_array().empty());
    };
    if (nothing(a) && nothing(b)) return;
    if (a && b && a->is_object() && b->is_object()) {
      std::set<std::string> keys;
      for (const json::value* v : {a, b})
        for (const auto& member : v->get_object()) keys.emplace(member.key());
      for (const std::string& key : keys)
        compare(a->get_object().if_contains(key), b->get_object().if_contains(key), path_to(path, key));
    } else if (nothing(a) || nothing(b) || *a != *b) {
      found.push_back(path + ": " + (a ? json::serialize(*a) : "-") + " became " + (b ? json::serialize(*b) : "-"));
    }
  }
  static std::string path_to(const std::string& path, const std::string& key) {
    if (path.empty()) return key;
    return path + "." + (path == "NetworkSettings.Networks" ? "*" : key);
  }
};

/// The engine's lists in an order, and without the alias that it makes of the id.
inline json::value shown(const std::string& id) {
  json::value v = json::parse(view(engine().inspect_text(id, soon()).value()));
  for (auto& [name, network] : v.at("NetworkSettings").at("Networks").as_object())
    if (json::array* aliases = network.as_object()["Aliases"].if_array()) {
      const auto own = std::find(aliases->begin(), aliases->end(), json::value(v.at("Id").as_string().subview(0, 12)));
      if (own != aliases->end()) aliases->erase(own);
    }
  if (json::array* mounts = v.at("Mounts").if_array())
    std::sort(mounts->begin(), mounts->end(), [](const json::value& a, const json::value& b) {
      return a.at("Destination").as_string() < b.at("Destination").as_string();
    });
  return v;
}

/// Made by the clone's body, removed at the end.
struct Clone {
  std::string id;
  bool in_nobodys_way = false;  ///< It is not waited for that it is gone.
  explicit Clone(const std::string& of, CloneRequest request = {}) {
    request.api = engine().api_version(soon()).value();
    request.sign = [](const std::map<std::string, std::string>& labels) { return engine().mac_of_notes(labels); };
    const InspectedContainer from = engine().inspect_whole(of, soon()).value();
    auto spec = clone_spec({from.container, view(from.text)}, request);
    BOOST_REQUIRE_MESSAGE(spec.has_value(), (spec.has_error() ? render(spec.error()) : ""));
    auto made = engine().create("dso-unit-" + random_hex(6), spec->body, soon());
    BOOST_REQUIRE_MESSAGE(made.has_value(), (made.has_error() ? render(made.error()) : ""));
    id = *made;
    for (const auto& [network, endpoint] : spec->networks) {
      auto connected = engine().connect_network(network, id, endpoint, soon());
      BOOST_REQUIRE_MESSAGE(connected.has_value(), (connected.has_error() ? render(connected.error()) : ""));
    }
  }
  ~Clone() {
    if (!id.empty()) shell("docker rm -f " + id + (in_nobodys_way ? " >/dev/null 2>&1 &" : ""));
  }
  Clone(const Clone&) = delete;
  Clone& operator=(const Clone&) = delete;
};

inline CloneRequest as(CloneAs what) {
  CloneRequest out;
  out.as = what;
  out.image_by_name = true;
  return out;
}

inline void expect_same(const json::value& a, const json::value& b, const std::set<std::string>& besides) {
  Differences d;
  d.allowed.insert(besides.begin(), besides.end());
  d.compare(&a, &b, "");
  for (const std::string& difference : d.found) BOOST_ERROR(difference);
}
inline void expect_same(const std::string& id, const std::string& clone, const std::set<std::string>& besides = {}) {
  expect_same(shown(id), shown(clone), besides);
}

/// Networks, a volume and a neighbour for all cases.
struct World {
  const std::string tag = "dso-unit-" + random_hex(4);
  const std::string net = tag + "-a", net2 = tag + "-b", volume = tag + "-v";
  std::optional<RealContainer> neighbour;
  World() {
    if (!engine_answers()) return;
    const std::string third = std::to_string(std::stoi(random_hex(1), nullptr, 16));
    BOOST_REQUIRE(shell("docker network create --subnet 10.213." + third + ".0/24 " + net).size() == 64u);
    BOOST_REQUIRE(shell("docker network create " + net2).size() == 64u);
    neighbour.emplace("dso-test/busybox:1 sleep 600");
    address = "10.213." + third + ".77";
  }
  ~World() {
    if (!neighbour) return;
    neighbour.reset();
    shell("docker volume rm -f " + volume + "; docker network rm " + net + " " + net2);
  }
  std::string address;
};

enum class Start {
  both,     ///< The original runs while it is cloned, and so does the clone: as in a rotation.
  in_turn,  ///< They cannot run at once: an address or a port of their own.
  none,     ///< The host of the tests may not be able to.
};

/// `arguments` as of `docker create`, with an image or without.
inline void check(const std::string& arguments, const std::set<std::string>& besides = {},
                  const CloneRequest& request = as(CloneAs::sole), Start start = Start::both) {
  BOOST_TEST_CONTEXT(arguments) {
    const bool has_image = arguments.find("dso-test/") != std::string::npos || arguments.find("sha256:") != std::string::npos;
    const std::string command = has_image ? arguments : arguments + " dso-test/busybox:1 sleep 600";
    {
      RealContainer created(command, "create");
      Clone clone(created.id, request);
      created.in_nobodys_way = clone.in_nobodys_way = true;
      expect_same(created.id, clone.id, besides);
    }
    if (start == Start::none) return;
    RealContainer running(command);
    const json::value before = shown(running.id);
    Clone clone(running.id, request);
    // two that run at once need nothing that the next ones could want
    running.in_nobodys_way = clone.in_nobodys_way = start == Start::both && command.find("--network ") == std::string::npos;
    if (start == Start::in_turn) BOOST_TEST(engine().stop(running.id, std::chrono::seconds(0), soon()).has_value());
    auto started = engine().start(clone.id, soon());
    BOOST_CHECK_MESSAGE(started.has_value(), (started.has_error() ? render(started.error()) : ""));
    expect_same(before, shown(clone.id), besides);
  }
}

}  // namespace dso::test
