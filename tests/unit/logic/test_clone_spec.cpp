// What a clone's create call says, without an engine: the exceptions of each kind of clone, mounts, labels, networks, the start.
#include "logic/clone_spec.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include "logic/docker_json.h"
#include "model/container.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(clone_spec_suite)

namespace {

namespace json = boost::json;

const char* const kInspect = R"({"Id":"0123456789abcdef","Name":"/api","Image":"sha256:aa","State":{"Status":"running"},
 "Config":{"Image":"app:1","Hostname":"0123456789ab","Env":["A=hunter2"],
   "Labels":{"com.docker.compose.project":"p","dso.scope":"s.1","dso.role":"candidate"},"Entrypoint":["/e"],"Cmd":["c"],
   "MacAddress":"02:42:11:22:33:44","ExposedPorts":{"80/tcp":{},"90/udp":{}},
   "Healthcheck":{"Test":["CMD-SHELL","up"],"Interval":5},"Unheard":[1]},
 "HostConfig":{"NetworkMode":"app","ContainerIDFile":"/x","AutoRemove":true,"PublishAllPorts":false,"Unheard":{"a":1.5},
   "PortBindings":{"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"8080"}]},"RestartPolicy":{"Name":"always","MaximumRetryCount":0},
   "Binds":["/run/dso/secrets/s.1/f:/run/secrets/:ro","/home:/home","/run/dso/secrets/s.1/gone:/gone:ro"],
   "Tmpfs":{"/run/dso/env/":"","/t":""},
   "Mounts":[{"Type":"bind","Source":"/run/dso/secrets/s.1/e","Target":"/run/dso/other","BindOptions":{"Propagation":"rslave"}}]},
 "Mounts":[{"Type":"volume","Name":"ffff","Destination":"/anon","RW":false},
   {"Type":"bind","Source":"/run/dso/secrets/s.1/f","Destination":"/run/secrets"}],
 "NetworkSettings":{"Networks":{
   "app":{"IPAMConfig":{"IPv4Address":"10.9.0.7"},"Aliases":["web","0123456789ab"],"NetworkID":"11","EndpointID":"22",
     "IPAddress":"10.9.0.7","MacAddress":"02:42:ac:1f:4d:09","DriverOpts":{"o":"1"},"GwPriority":7,"DNSNames":["x"],"Links":null},
   "two":{"IPAMConfig":null,"Aliases":null,"NetworkID":"33"}}}})";

/// kInspect with one text in the place of another.
std::string changed(const std::string& from, const std::string& to, std::string text = kInspect) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

CloneRequest as(CloneAs what, std::pair<int, int> api = {1, 41}) {
  CloneRequest out;
  out.as = what;
  out.scope_id = "s.2";
  out.api = api;
  return out;
}

struct Made {
  json::value body;
  std::vector<std::pair<std::string, std::string>> networks;
  const json::value& host() const { return body.at("HostConfig"); }
  std::string show(std::string_view pointer) const {
    boost::system::error_code ignored;
    const json::value* v = body.find_pointer({pointer.data(), pointer.size()}, ignored);
    return v ? json::serialize(*v) : "absent";
  }
};

/// Of an inspect whose labels all count.
Result<CloneSpec> cloned(const std::string& inspect, const CloneRequest& request) {
  DSO_TRY(const Container c, parse_container_inspect(inspect));
  return clone_spec({c, inspect}, request);
}

Made make(const CloneRequest& request, const std::string& inspect = kInspect) {
  auto spec = cloned(inspect, request);
  BOOST_REQUIRE_MESSAGE(spec.has_value(), (spec.has_error() ? render(spec.error()) : ""));
  return {json::parse(view(spec->body)), spec->networks};
}

std::string origin_of(const Made& made) {
  const json::value* v = made.body.at("Labels").as_object().if_contains(label::kOrigin);
  return v ? std::string(v->as_string()) : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_nobody_has_heard_of_is_kept) {
  const Made made = make(as(CloneAs::sole));
  BOOST_TEST(made.show("/Unheard") == "[1]");
  BOOST_TEST(made.show("/HostConfig/Unheard") == R"({"a":1.5E0})");
  BOOST_TEST(made.show("/Env") == R"(["A=hunter2"])");
  BOOST_TEST(made.show("/Healthcheck/Interval") == "5");
  BOOST_TEST(made.show("/HostConfig/AutoRemove") == "true");
}

BOOST_AUTO_TEST_CASE(what_belongs_to_the_old_one_is_not) {
  const Made made = make(as(CloneAs::sole));
  BOOST_TEST(made.show("/Hostname") == "absent");
  BOOST_TEST(made.show("/HostConfig/ContainerIDFile") == R"("")");
  BOOST_TEST(make(as(CloneAs::sole), changed(R"("Hostname":"0123456789ab")", R"("Hostname":"web")")).show("/Hostname") ==
             R"("web")");
  BOOST_TEST(made.show("/Image") == R"("sha256:aa")");
  CloneRequest by_name = as(CloneAs::sole);
  by_name.image_by_name = true;
  BOOST_TEST(make(by_name).show("/Image") == R"("app:1")");
}

BOOST_AUTO_TEST_CASE(what_a_shared_network_forbids_is_left_out) {
  const Made made = make(as(CloneAs::sole), changed(R"("NetworkMode":"app")", R"("NetworkMode":"container:ff")",
                                                    changed(R"("Hostname":"0123456789ab")", R"("Hostname":"web")")));
  BOOST_TEST(made.show("/Hostname") == "absent");
  BOOST_TEST(made.show("/ExposedPorts") == "absent");
  BOOST_TEST(
      make(as(CloneAs::sole), changed(R"("NetworkMode":"app")", R"("UTSMode":"host","NetworkMode":"app")")).show("/Hostname") ==
      "absent");
}

BOOST_AUTO_TEST_CASE(labels) {
  CloneRequest request = as(CloneAs::sole);
  request.labels = {{"dso.role", ""}, {"dso.generation", "4"}};
  const Made made = make(request);
  BOOST_TEST(json::serialize(made.body.at("Labels")) ==
             R"({"com.docker.compose.project":"p","dso.scope":"s.2","dso.generation":"4"})");
}

// All labels are handed on; what is done by one is done by those that count.
BOOST_AUTO_TEST_CASE(labels_of_the_image_do_nothing) {
  const std::string origin = R"({\"AutoRemove\":false,\"PortBindings\":{\"22/tcp\":[{\"HostPort\":\"22\"}]}})";
  const std::string inspect =
      changed(R"("dso.role":"candidate")", R"("dso.role":"stand-in","x":"y","dso.origin":")" + origin + "\"");
  Container c = parse_container_inspect(inspect).value();
  c.labels.erase(label::kRole);
  c.labels.erase(label::kOrigin);
  c.labels.erase("x");
  CloneRequest request = as(CloneAs::final);
  request.sign = [](const std::map<std::string, std::string>& all) { return "mac of " + std::to_string(all.size()); };
  const auto spec = clone_spec({c, inspect}, request);
  BOOST_REQUIRE(spec.has_value());
  const json::value body = json::parse(view(spec->body));
  BOOST_TEST(json::serialize(body.at("HostConfig").at("PortBindings")).find("22/tcp") == std::string::npos);
  BOOST_TEST(body.at("HostConfig").at("AutoRemove").as_bool());
  const json::object& labels = body.at("Labels").as_object();
  BOOST_TEST(labels.at("x").as_string() == "y");
  BOOST_TEST(labels.at(label::kNotesMac).as_string() == "mac of 5");
  // Named, so that the engine does not take it from the image again: the MAC is over what the container has.
  BOOST_TEST(labels.at(label::kOrigin).as_string().starts_with("{\"Networks\""));
  const Made sole = [&] {
    request.as = CloneAs::sole;
    const auto made = clone_spec({c, inspect}, request);
    return Made{json::parse(view(made->body)), made->networks};
  }();
  BOOST_TEST(sole.show("/Labels/dso.origin") == "\"\"");
}

BOOST_AUTO_TEST_CASE(networks_of_older_and_newer_engines) {
  const std::string app = R"({"IPAMConfig":{"IPv4Address":"10.9.0.7"},"DriverOpts":{"o":"1"},"GwPriority":7,"Aliases":["web"]})";
  const Made older = make(as(CloneAs::sole));
  BOOST_TEST(older.body.at("NetworkingConfig").at("EndpointsConfig") == json::parse(R"({"app":)" + app + "}"));
  BOOST_TEST(older.networks.size() == 1u);
  BOOST_TEST(older.networks.at(0).first == "two");
  BOOST_TEST(older.networks.at(0).second == "{}");
  const Made newer = make(as(CloneAs::sole, {1, 44}));
  BOOST_TEST(newer.networks.empty());
  BOOST_TEST(newer.body.at("NetworkingConfig").at("EndpointsConfig").as_object().size() == 2u);
  const Made waiting = make(as(CloneAs::candidate));
  BOOST_TEST(waiting.show("/NetworkingConfig/EndpointsConfig/app/Aliases") == "absent");
  BOOST_TEST(origin_of(waiting) == R"({"Networks":{"app":{"Aliases":["web"]}}})");
}

BOOST_AUTO_TEST_CASE(the_network_that_is_there_at_birth) {
  const auto mode = [](const std::string& is) {
    return make(as(CloneAs::sole), changed(R"("NetworkMode":"app")", R"("NetworkMode":")" + is + "\""));
  };
  BOOST_TEST(mode("two").networks.at(0).first == "app");
  BOOST_TEST(mode("gone").show("/HostConfig/NetworkMode") == R"("app")");  // it was disconnected from that one
  for (const char* none : {"host", "none", "container:ff"})
    BOOST_TEST(mode(none).show("/HostConfig/NetworkMode") == "\"" + std::string(none) + "\"");
  const Made plain = make(
      as(CloneAs::sole), changed(R"("NetworkMode":"app")", R"("NetworkMode":"default")", changed(R"("two":{)", R"("bridge":{)")));
  BOOST_TEST(plain.show("/HostConfig/NetworkMode") == R"("default")");
  BOOST_TEST(plain.show("/NetworkingConfig") == "absent");
  BOOST_TEST(plain.networks.at(0).first == "app");
}

BOOST_AUTO_TEST_CASE(mac_addresses) {
  BOOST_TEST(make(as(CloneAs::candidate)).show("/MacAddress") == "absent");
  BOOST_TEST(make(as(CloneAs::final)).show("/MacAddress") == R"("02:42:11:22:33:44")");
  const Made newer = make(as(CloneAs::final, {1, 44}));
  BOOST_TEST(newer.show("/MacAddress") == "absent");
  BOOST_TEST(newer.show("/NetworkingConfig/EndpointsConfig/app/MacAddress") == R"("02:42:11:22:33:44")");
  BOOST_TEST(newer.show("/NetworkingConfig/EndpointsConfig/two/MacAddress") == "absent");
}

BOOST_AUTO_TEST_CASE(an_endpoint_with_a_mac_address_has_its_aliases_from_the_start) {
  CloneRequest request = as(CloneAs::final, {1, 44});
  request.labels[label::kService] = "api";
  BOOST_TEST(make(request).show("/NetworkingConfig/EndpointsConfig/app/Aliases") == R"(["web","api"])");
  BOOST_TEST(origin_of(make(request)).empty());
  const std::string without = changed(R"("MacAddress":"02:42:11:22:33:44",)", "");
  BOOST_TEST(make(request, without).show("/NetworkingConfig/EndpointsConfig/app/Aliases") == "absent");
  request.api = {1, 41};
  BOOST_TEST(make(request).show("/NetworkingConfig/EndpointsConfig/app/Aliases") == "absent");
  request = as(CloneAs::sole, {1, 44});
  request.labels[label::kService] = "api";
  BOOST_TEST(make(request).show("/NetworkingConfig/EndpointsConfig/app/Aliases") == R"(["web","api"])");
}

BOOST_AUTO_TEST_CASE(new_mounts_take_the_old_ones_place) {
  CloneRequest request = as(CloneAs::sole);
  request.mounts = {{"/run/dso/secrets/s.2/f", "/run/secrets"},
                    {"/run/dso/secrets/s.2/e", "/run/dso/env"},
                    {"/run/dso/secrets/s.2/o", "/run/dso/other"}};
  const Made made = make(request);
  BOOST_TEST(made.show("/HostConfig/Binds") == R"(["/home:/home"])");
  BOOST_TEST(made.show("/HostConfig/Tmpfs") == R"({"/t":""})");
  BOOST_TEST(
      made.show("/HostConfig/Mounts") ==
      R"([{"Type":"bind","Source":"/run/dso/secrets/s.2/o","Target":"/run/dso/other","BindOptions":{"Propagation":"rslave"},)"
      R"("ReadOnly":true},)"
      R"({"Type":"bind","Source":"/run/dso/secrets/s.2/f","Target":"/run/secrets","ReadOnly":true},)"
      R"({"Type":"bind","Source":"/run/dso/secrets/s.2/e","Target":"/run/dso/env","ReadOnly":true}])");
  BOOST_TEST(made.show("/HostConfig/VolumesFrom") == R"(["0123456789abcdef:rw"])");
  BOOST_TEST(made.show("/Entrypoint") == R"(["/e"])");
}

BOOST_AUTO_TEST_CASE(variables_need_dso_init_in_front) {
  CloneRequest request = as(CloneAs::sole);
  request.mounts = {{"/var/lib/dso/init/x", "/run/dso/init"}};
  const Made made = make(request);
  BOOST_TEST(made.show("/Entrypoint") == R"(["/run/dso/init","/e"])");
  BOOST_TEST(made.show("/Cmd") == R"(["c"])");
  BOOST_TEST(made.show("/Healthcheck/Test") == R"(["CMD","/run/dso/init","/bin/sh","-c","up"])");
  const std::string again = changed(R"("Entrypoint":["/e"])", R"("Entrypoint":["/run/dso/init","/e"])");
  BOOST_TEST(make(request, again).show("/Entrypoint") == R"(["/run/dso/init","/e"])");
  BOOST_TEST(make(request, changed(R"("Entrypoint":["/e"])", R"("Entrypoint":null)")).show("/Entrypoint") ==
             R"(["/run/dso/init"])");
  BOOST_TEST(make(as(CloneAs::sole), changed(R"("Entrypoint":["/e"])", R"("Entrypoint":null)")).show("/Entrypoint") ==
             R"([""])");  // else the image's would come back
}

BOOST_AUTO_TEST_CASE(volumes_without_a_name_in_every_spelling) {
  for (const char* spelling :
       {R"("Binds":["/anon"])", R"("Binds":["/anon:ro"])", R"("Mounts":[{"Type":"volume","Target":"/anon/"}])"}) {
    const Made made =
        make(as(CloneAs::sole), std::string(R"({"Id":"a","Image":"i","State":{"Status":"x"},"Config":{},"HostConfig":{)") +
                                    spelling + R"(},"Mounts":[{"Type":"volume","Name":"ff","Destination":"/anon"}]})");
    BOOST_TEST(made.show("/HostConfig/VolumesFrom") == R"(["a:rw"])");
    BOOST_TEST(made.show("/HostConfig/Mounts/0") == "absent");
    BOOST_TEST((made.show("/HostConfig/Binds") == "absent" || made.show("/HostConfig/Binds") == "[]"));
  }
  for (const char* named : {R"("Binds":["v:/anon"])", R"("Binds":["v:/anon/:ro"])"})
    BOOST_TEST(make(as(CloneAs::sole), std::string(R"({"Id":"a","Image":"i","State":{"Status":"x"},"Config":{},"HostConfig":{)") +
                                           named + R"(},"Mounts":[{"Type":"volume","Name":"v","Destination":"/anon"}]})")
                   .show("/HostConfig/Mounts") == "absent");
}

BOOST_AUTO_TEST_CASE(volumes_without_a_name_are_lent_by_the_one_before_alone) {
  const std::string gone(64, 'c');
  const auto of = [](const std::string& host, const std::string& more = {}) {
    return make(as(CloneAs::sole), R"({"Id":"a","Image":"i","State":{"Status":"x"},"Config":{},"HostConfig":{)" + host +
                                       R"(},"Mounts":[{"Type":"volume","Name":"ff","Destination":"/anon","RW":false})" + more +
                                       "]}");
  };
  BOOST_TEST(of(R"("VolumesFrom":[")" + gone + R"(:rw","data:ro",")" + gone + R"("])").show("/HostConfig/VolumesFrom") ==
             R"(["data:ro",")" + gone + R"(","a:rw"])");
  // by which it would get this one too
  const Made named = of("", R"(,{"Type":"bind","Source":"/run/dso/secrets/s.1/x","Destination":"/x"})");
  BOOST_TEST(named.show("/HostConfig/VolumesFrom") == "absent");
  BOOST_TEST(named.show("/HostConfig/Mounts/0") ==
             R"({"Type":"volume","Source":"ff","Target":"/anon","ReadOnly":true,"VolumeOptions":{"NoCopy":true}})");
  // nobody lends what has a name
  const Made last =
      make(as(CloneAs::sole), R"({"Id":"a","Image":"i","State":{"Status":"x"},"Config":{},"HostConfig":{"VolumesFrom":[")" +
                                  gone + R"(:rw"]},"Mounts":[]})");
  BOOST_TEST(last.show("/HostConfig/VolumesFrom") == "null");
}

BOOST_AUTO_TEST_CASE(ports_that_the_engine_chose_are_kept) {
  const std::string bound =
      R"("NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"18900"},{"HostIp":"::","HostPort":"18900"}],)"
      R"("90/udp":[{"HostIp":"10.0.0.1","HostPort":"32768"},{"HostIp":"10.0.0.1","HostPort":"53"}],"7/tcp":null},)";
  const auto of = [&](const std::string& ports, CloneAs what = CloneAs::sole) {
    return make(as(what), changed(R"("NetworkSettings":{)", bound,
                                  changed(R"("PortBindings":{"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"8080"}]})",
                                          R"("PortBindings":{)" + ports + "}")));
  };
  const auto show = [](const Made& m) { return m.show("/HostConfig/PortBindings"); };
  for (const char* asked : {"", "0", "18900-18905"})
    BOOST_TEST(show(of(std::string(R"("80/tcp":[{"HostIp":"","HostPort":")") + asked + "\"}]")) ==
                   R"({"80/tcp":[{"HostIp":"","HostPort":"18900"}]})",
               asked);
  BOOST_TEST(show(of(R"("90/udp":[{"HostIp":"10.0.0.1","HostPort":""},{"HostIp":"10.0.0.1","HostPort":"53"}])")) ==
             R"({"90/udp":[{"HostIp":"10.0.0.1","HostPort":"32768"},{"HostIp":"10.0.0.1","HostPort":"53"}]})");
  BOOST_TEST(show(of(R"("81/tcp":[{"HostIp":"","HostPort":""}])")) == R"({"81/tcp":[{"HostIp":"","HostPort":""}]})", "not bound");
  // a stand-in's own are others, and it remembers these
  const Made stand_in = of(R"("80/tcp":[{"HostIp":"","HostPort":"18900-18905"}])", CloneAs::stand_in);
  BOOST_TEST(show(stand_in) == R"({"80/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]})");
  BOOST_TEST(origin_of(stand_in).find(R"("PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"18900"}]})") != std::string::npos);
  // the final container is made of one that has stopped
  CloneRequest final = as(CloneAs::final);
  final.stand_in_origin = origin_of(stand_in);
  BOOST_TEST(show(make(final)) == R"({"80/tcp":[{"HostIp":"","HostPort":"18900"}]})");
  final.stand_in_origin = "{";
  BOOST_TEST(cloned(kInspect, final).has_error());
}

BOOST_AUTO_TEST_CASE(each_family_keeps_its_number) {
  const auto bindings = [](const std::string& ports, const std::string& all = "false") {
    return make(as(CloneAs::sole),
                changed(R"("NetworkSettings":{)",
                        R"("NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32774"},)"
                        R"({"HostIp":"::","HostPort":"32768"}]},)",
                        changed(R"("PublishAllPorts":false)", R"("PublishAllPorts":)" + all,
                                changed(R"("PortBindings":{"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"8080"}]})",
                                        R"("PortBindings":)" + ports))))
        .show("/HostConfig/PortBindings");
  };
  const std::string both = R"({"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32774"},{"HostIp":"::","HostPort":"32768"}]})";
  for (const auto& asked : {bindings("null", "true"), bindings(R"({"80/tcp":[{"HostIp":"","HostPort":""}]})"), bindings(both)})
    BOOST_TEST(asked == both);  // as engines before 23 choose them
  BOOST_TEST(bindings(R"({"80/tcp":[{"HostIp":"::","HostPort":""}]})") == R"({"80/tcp":[{"HostIp":"::","HostPort":"32768"}]})");
}

BOOST_AUTO_TEST_CASE(all_ports_published_are_kept) {
  const Made made =
      make(as(CloneAs::sole), changed(R"("NetworkSettings":{)",
                                      R"("NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"32770"},)"
                                      R"({"HostIp":"::","HostPort":"32770"}]},)",
                                      changed(R"("PublishAllPorts":false)", R"("PublishAllPorts":true)",
                                              changed(R"("PortBindings":{"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"8080"}]})",
                                                      R"("PortBindings":null)"))));
  BOOST_TEST(made.show("/HostConfig/PortBindings") == R"({"80/tcp":[{"HostIp":"","HostPort":"32770"}]})");
  BOOST_TEST(made.show("/HostConfig/PublishAllPorts") == "true");
}

BOOST_AUTO_TEST_CASE(the_platform_is_kept) {
  const auto platform = [](const std::string& more) {
    auto spec = cloned(changed(R"("Id":)", more + R"("Id":)"), as(CloneAs::sole));
    BOOST_REQUIRE(spec.has_value());
    return spec->platform;
  };
  BOOST_TEST(platform(R"("ImageManifestDescriptor":{"platform":{"architecture":"arm64","os":"linux","variant":"v8"}},)") ==
             "linux/arm64/v8");
  BOOST_TEST(platform(R"("ImageManifestDescriptor":{"platform":{"architecture":"amd64","os":"linux"}},)") == "linux/amd64");
  for (const char* none :
       {"", R"("Platform":"linux",)", R"("ImageManifestDescriptor":null,)", R"("ImageManifestDescriptor":{"platform":{}},)"})
    BOOST_TEST(platform(none) == "", none);
}

BOOST_AUTO_TEST_CASE(a_stand_in_and_back) {
  CloneRequest request = as(CloneAs::stand_in);
  request.labels[label::kRole] = "stand-in";
  const Made made = make(request);
  BOOST_TEST(made.show("/HostConfig/PortBindings") == R"({"80/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]})");
  BOOST_TEST(made.show("/HostConfig/RestartPolicy") == R"({"Name":"no","MaximumRetryCount":0})");
  BOOST_TEST(made.show("/HostConfig/AutoRemove") == "false");
  BOOST_TEST(made.show("/MacAddress") == "absent");
  BOOST_TEST(made.show("/NetworkingConfig/EndpointsConfig/app") == R"({"DriverOpts":{"o":"1"},"GwPriority":7})");
  BOOST_TEST(origin_of(made) ==
             R"({"PortBindings":{"80/tcp":[{"HostIp":"10.0.0.1","HostPort":"8080"}]},"PublishAllPorts":false,)"
             R"("RestartPolicy":{"Name":"always","MaximumRetryCount":0},"AutoRemove":true,"MacAddress":"02:42:11:22:33:44",)"
             R"("Networks":{"app":{"IPAMConfig":{"IPv4Address":"10.9.0.7"},"Aliases":["web"]}}})");

  json::object back = json::parse(kInspect).as_object();
  json::object config = made.body.as_object();
  config.erase("HostConfig");
  config.erase("NetworkingConfig");
  back["Config"] = config;
  back["HostConfig"] = made.host();
  back["NetworkSettings"] = {{"Networks", {{"app", {{"DriverOpts", {{"o", "1"}}}, {"GwPriority", 7}}}, {"two", json::object()}}}};
  CloneRequest last = as(CloneAs::sole);
  last.labels = {{label::kRole, "candidate"}};
  const Made final = make(last, json::serialize(back)), direct = make(as(CloneAs::sole));
  for (const char* same : {"/HostConfig/PortBindings", "/HostConfig/RestartPolicy", "/HostConfig/AutoRemove",
                           "/HostConfig/PublishAllPorts", "/MacAddress", "/Labels/dso.role"})
    BOOST_TEST(final.show(same) == direct.show(same), same);
  BOOST_TEST(final.show("/Labels/dso.origin") == "\"\"");
  BOOST_TEST(final.body.at("NetworkingConfig") == direct.body.at("NetworkingConfig"));
  // Another stand-in made of it knows the same.
  BOOST_TEST(json::parse(origin_of(make(request, json::serialize(back)))) == json::parse(origin_of(made)));
  // Whoever is no stand-in cannot give itself ports by a label.
  back.at("Config").at("Labels").at(label::kRole) = "candidate";
  BOOST_TEST(make(last, json::serialize(back)).show("/HostConfig/AutoRemove") == "false");
}

BOOST_AUTO_TEST_CASE(a_stand_in_publishes_all_that_was_exposed) {
  const Made made = make(as(CloneAs::stand_in), changed(R"("PublishAllPorts":false)", R"("PublishAllPorts":true)"));
  BOOST_TEST(made.host().at("PortBindings").as_object().size() == 2u);
  BOOST_TEST(made.show("/HostConfig/PortBindings/90~1udp/0/HostIp") == R"("127.0.0.1")");
  BOOST_TEST(made.show("/HostConfig/PublishAllPorts") == "false");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_cloned) {
  const auto cls = [](const std::string& inspect) { return cloned(inspect, {}).error().cls; };
  BOOST_TEST((cls(R"({"Id":"a","State":{"Status":"x"}})") == ErrorClass::invalid_request));
  BOOST_TEST((cls(R"({"Id":"a","State":{"Status":"x"},"Config":{},"HostConfig":{}})") == ErrorClass::invalid_request));
  BOOST_TEST((cls("[]") == ErrorClass::malformed));
  const std::string damaged = changed(R"("dso.role":"candidate")", R"("dso.role":"stand-in","dso.origin":"{")");
  BOOST_TEST((cls(damaged) == ErrorClass::invalid_request));
  CloneRequest shim;
  shim.mounts = {{"/x", "/run/dso/init"}};
  BOOST_TEST((cloned(R"({"Id":"a","Image":"i","State":{"Status":"x"},"Config":{},"HostConfig":{}})", shim).error().cls ==
              ErrorClass::invalid_request));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
