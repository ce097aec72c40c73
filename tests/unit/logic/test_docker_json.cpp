// The engine's JSON into model types: whole, sparse, and wrong.
#include "logic/docker_json.h"

#include <boost/test/unit_test.hpp>

#include "logic/container_list.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(docker_json)

namespace {

const char* const kInspect = R"({"Id":"4f1e","Created":"2026-11-24T12:00:00Z","Path":"/bin/sh","Name":"/api","Image":"sha256:aa",
 "State":{"Status":"running","Running":true,"Pid":4242,"ExitCode":0,"StartedAt":"2026-11-24T12:56:32.684443126Z",
   "Health":{"Status":"healthy","FailingStreak":0,"Log":[]}},
 "HostConfig":{"NetworkMode":"app_default","PortBindings":{}},
 "Mounts":[{"Type":"bind","Source":"/run/dso/secrets/x","Destination":"/run/secrets","Mode":"ro","RW":false,
     "Propagation":"rprivate"},
   {"Type":"volume","Name":"v","Source":"/var/lib/docker/volumes/v/_data","Destination":"/data","RW":true}],
 "Config":{"Image":"app:1","User":"1000:1000","Env":["A=b"],"Labels":{"dso.reloader":"true","x":"y"},
   "Entrypoint":["/e","f"],"Cmd":["g"]}})";

template <class T>
std::string cause(const Result<T>& r) {
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::malformed));
  return r.error().cause;
}

}  // namespace

BOOST_AUTO_TEST_CASE(inspect_whole) {
  auto r = parse_container_inspect(kInspect);
  BOOST_REQUIRE(r.has_value());
  BOOST_TEST(r->id == "4f1e");
  BOOST_TEST(r->name == "api");
  BOOST_TEST(r->image == "app:1");
  BOOST_TEST(r->image_id == "sha256:aa");
  BOOST_TEST(r->opted_in());
  BOOST_TEST(r->state == "running");
  BOOST_TEST(r->health == "healthy");
  BOOST_TEST(r->pid == 4242);
  BOOST_TEST(r->started_at_ms == 1795524992684);
  BOOST_TEST(r->user == "1000:1000");
  BOOST_TEST((r->entrypoint == std::vector<std::string>{"/e", "f"}));
  BOOST_TEST((r->command == std::vector<std::string>{"g"}));
  BOOST_TEST(r->network_mode == "app_default");
  BOOST_REQUIRE(r->mounts.size() == 2u);
  BOOST_TEST(r->mounts[0].type == "bind");
  BOOST_TEST(r->mounts[0].source == "/run/dso/secrets/x");
  BOOST_TEST(r->mounts[0].destination == "/run/secrets");
  BOOST_TEST(r->mounts[0].read_only);
  BOOST_TEST(!r->mounts[1].read_only);
}

BOOST_AUTO_TEST_CASE(inspect_sparse) {
  auto r = parse_container_inspect(R"({"Id":"a","State":{"Status":"created","StartedAt":"0001-01-01T00:00:00Z","Health":null},)"
                                   R"("Config":{"Labels":null,"Entrypoint":null},"New":1})");
  BOOST_REQUIRE(r.has_value());
  BOOST_TEST(r->started_at_ms == 0);
  BOOST_TEST(r->health.empty());
  BOOST_TEST(r->labels.empty());
  auto none = parse_container_inspect(R"({"Id":"a","State":{"Status":"exited","ExitCode":137,"Health":{"Status":"none"}}})");
  BOOST_TEST(none.value().health.empty());
  BOOST_TEST(none.value().exit_code == 137);
}

BOOST_AUTO_TEST_CASE(inspect_wrong) {
  BOOST_TEST(cause(parse_container_inspect(R"({"Name":"/a","State":{"Status":"running"}})")) == "Id is missing");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a"})")) == "State.Status is missing");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a","State":{"Status":"running","Pid":"7"}})")) ==
             "State.Pid is not a whole number");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a","State":"running"})")) == "State is not an object");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},"Config":{"Labels":{"k":1}}})")) ==
             "Config.Labels.k is not a text");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},"Config":{"Cmd":"sh"}})")) ==
             "Config.Cmd is not a list");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},"Mounts":[{"RW":1}]})")) ==
             "Mounts[0].RW is not true or false");
  BOOST_TEST(cause(parse_container_inspect(R"({"Id":"a","State":{"Status":"x","StartedAt":"soon"}})")) ==
             "State.StartedAt is not a time");
  BOOST_TEST(cause(parse_container_inspect("[]")) == "it is not an object");
  const std::string whole = kInspect;
  for (std::size_t n = 0; n < whole.size(); n += 7) BOOST_TEST(parse_container_inspect(whole.substr(0, n)).has_error());
  BOOST_TEST(parse_container_inspect("<html>no</html>").has_error());
  BOOST_TEST(parse_container_inspect(whole + "x").has_error());
}

BOOST_AUTO_TEST_CASE(an_error_shows_no_value) {
  auto r = parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},"Config":{"Env":["P=hunter2"],"User":["hunter2"]}})");
  BOOST_TEST(render(r.error()).find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(lists) {
  auto r = parse_container_list(R"([{"Id":"a","Names":["/web/db","/db"],"Image":"i","ImageID":"sha256:1","Labels":{"l":"m"},)"
                                R"("State":"exited","Status":"Exited"},{"Id":"b"}])");
  BOOST_REQUIRE(r.has_value());
  const auto& list = r->containers;
  BOOST_REQUIRE(list.size() == 2u);
  BOOST_TEST(list[0].name == "db");
  BOOST_TEST(list[0].image_id == "sha256:1");
  BOOST_TEST(list[0].state == "exited");
  BOOST_TEST(list[0].label_or("l") == "m");
  BOOST_TEST(list[1].name.empty());
}

BOOST_AUTO_TEST_CASE(images_versions_events) {
  auto image = parse_image_inspect(R"({"Id":"sha256:1","Config":{"User":"app","Entrypoint":["/a"],"Cmd":null}})");
  BOOST_TEST(image.value().user == "app");
  BOOST_TEST((image.value().entrypoint == std::vector<std::string>{"/a"}));
  BOOST_TEST(image.value().command.empty());
  BOOST_TEST((image.value().shell.empty() && image.value().health_test.empty() && image.value().volumes.empty()));
  image = parse_image_inspect(R"({"Id":"sha256:1","Config":{"Shell":["/bin/bash","-c"],"Volumes":{"/data":{},"/x":{}},)"
                              R"("Healthcheck":{"Test":["CMD","p"]}}})");
  BOOST_TEST((image.value().shell == std::vector<std::string>{"/bin/bash", "-c"}));
  BOOST_TEST((image.value().volumes == std::vector<std::string>{"/data", "/x"}));
  BOOST_TEST((image.value().health_test == std::vector<std::string>{"CMD", "p"}));
  auto version = parse_version(R"({"Version":"20.10.24","ApiVersion":"1.41","Os":"linux","Arch":"amd64","KernelVersion":"6.1"})");
  BOOST_TEST(version.value().api_version == "1.41");
  BOOST_TEST(parse_version("{}").has_error());
  auto event = parse_event(
      R"({"status":"die","id":"a","Type":"container","Action":"die","Actor":{"ID":"a","Attributes":{"exitCode":"3"}},)"
      R"("time":1,"timeNano":1000000001})");
  BOOST_TEST(event.value().action == "die");
  BOOST_TEST(event.value().id == "a");
  BOOST_TEST(event.value().attributes.at("exitCode") == "3");
  BOOST_TEST(event.value().time_ns == 1000000001);
}

BOOST_AUTO_TEST_CASE(times) {
  BOOST_TEST(*parse_rfc3339_ms("1970-01-01T00:00:00Z") == 0);
  BOOST_TEST(*parse_rfc3339_ms("1970-01-01T00:00:01.5Z") == 1500);
  BOOST_TEST(*parse_rfc3339_ms("2000-02-29T23:59:59.999999999Z") == 951868799999);
  BOOST_TEST(*parse_rfc3339_ms("1970-01-01T01:00:00+01:00") == 0);
  BOOST_TEST(*parse_rfc3339_ms("1969-12-31T23:30:00-00:30") == 0);
  BOOST_TEST(*parse_rfc3339_ms("0001-01-01T00:00:00Z") == 0);
  for (const char* bad : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01 00:00:00Z",
                          "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00",
                          "2026-01-01T00:00:00Zx", "2026-01-01T00:00:0aZ"})
    BOOST_TEST(!parse_rfc3339_ms(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(messages_and_filters) {
  BOOST_TEST(parse_engine_message(R"({"message":"No such container: x"})") == "No such container: x");
  BOOST_TEST(parse_engine_message("<html>\nx") == "<html>");
  BOOST_TEST(parse_engine_message("").empty());
  BOOST_TEST(parse_engine_message(std::string(5000, 'x')).size() == 300u);
  BOOST_TEST(filters_json({{"label", {"a=\"b\"", "c"}}, {"type", {"container"}}}) ==
             R"({"label":["a=\"b\"","c"],"type":["container"]})");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
