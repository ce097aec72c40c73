// The engine's JSON of a Swarm (API 1.41), and the bodies of the calls that change it.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include "logic/swarm_json.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(swarm_json)

namespace {

const std::string kService = R"({"ID":"v1","Version":{"Index":42},"Spec":{"Name":"api","Labels":{"dso.reloader":"true"},
  "TaskTemplate":{"ContainerSpec":{"Image":"x","Env":["A=b"],"Secrets":[
    {"File":{"Name":"key","UID":"0","GID":"0","Mode":292},"SecretID":"s1","SecretName":"db"},
    {"File":{"Name":"tls","UID":"0","GID":"0","Mode":292},"SecretID":"s2","SecretName":"tls"}]}},
  "Mode":{"Replicated":{"Replicas":3}},"UpdateConfig":{"Parallelism":2,"Monitor":500000000,"Order":"stop-first"}},
  "UpdateStatus":{"State":"rollback_completed","StartedAt":"2026-11-25T23:00:01.5Z","Message":"rollback completed"}})";

boost::json::value body(const std::string& service, const std::map<std::string, SwarmMove>& moves) {
  auto r = swarm_update_body(service, moves);
  BOOST_REQUIRE(r.has_value());
  return boost::json::parse({r->data(), r->size()});
}

}  // namespace

BOOST_AUTO_TEST_CASE(secrets_services_tasks) {
  std::vector<std::string> unread;
  const auto secrets = parse_swarm_secrets(R"([{"ID":"s1","Version":{"Index":7},"CreatedAt":"2026-11-25T23:00:00Z",
    "Spec":{"Name":"db","Labels":{"dso.secret":"myapp/db"},"Driver":{"Name":"dso"}}},
    {"ID":"s9","Version":{"Index":8},"Spec":{"Name":"plain","Labels":null}}])",
                                           unread);
  BOOST_REQUIRE(secrets.has_value());
  BOOST_TEST(secrets->at(0).driver == "dso");
  BOOST_TEST(secrets->at(0).index == 7u);
  BOOST_TEST(secrets->at(0).labels.at("dso.secret") == "myapp/db");
  BOOST_TEST(secrets->at(0).created_at_ms == 1795647600000);
  BOOST_TEST(secrets->at(1).driver.empty());

  const auto services = parse_swarm_services("[" + kService + "]", unread);
  BOOST_REQUIRE(services.has_value());
  BOOST_TEST(services->at(0).name == "api");
  BOOST_TEST((services->at(0).secret_ids == std::vector<std::string>{"s1", "s2"}));
  BOOST_TEST(services->at(0).update_state == "rollback_completed");
  BOOST_TEST(services->at(0).update_started_ms == 1795647601500);
  BOOST_TEST(services->at(0).secret_ids_before.empty());
  BOOST_TEST(!services->at(0).start_first);
  const auto updated = parse_swarm_services(R"([{"ID":"v1","Spec":{"Name":"api","UpdateConfig":{"Order":"start-first"}},
    "PreviousSpec":{"Name":"api","TaskTemplate":{"ContainerSpec":{"Secrets":[{"SecretID":"s0"}]}}}}])",
                                            unread);
  BOOST_REQUIRE(updated.has_value());
  BOOST_TEST((updated->at(0).secret_ids_before == std::vector<std::string>{"s0"}));
  BOOST_TEST(updated->at(0).start_first);

  const auto tasks =
      parse_swarm_tasks(R"([{"ID":"t1","ServiceID":"v1","NodeID":"n1","DesiredState":"shutdown","Status":{"State":"running"},
      "Spec":{"ContainerSpec":{"Secrets":[{"SecretID":"s1"}]}}},
    {"ID":"t2","ServiceID":"v1","DesiredState":"shutdown","Status":{"State":"failed"},"Spec":{}},
    {"ID":"t3","ServiceID":"v1","DesiredState":"running","Status":{"State":"pending"},"Spec":{"ContainerSpec":{}}}])",
                        unread);
  BOOST_REQUIRE(tasks.has_value());
  BOOST_TEST(tasks->size() == 2u);  // what still runs uses its secret, whatever is wanted of it
  BOOST_TEST(tasks->at(0).secret_ids.at(0) == "s1");
  BOOST_TEST(tasks->at(0).no_room.empty());
  const auto waits = parse_swarm_tasks(R"json([{"ID":"t4","ServiceID":"v1","CreatedAt":"2026-11-25T23:00:00Z",
    "Status":{"State":"pending","Err":"no suitable node (insufficient resources on 1 node)"},"Spec":{"ContainerSpec":{}}}])json",
                                       unread);
  BOOST_REQUIRE(waits.has_value());
  BOOST_TEST(waits->at(0).no_room == "no suitable node (insufficient resources on 1 node)");
  BOOST_TEST(waits->at(0).created_at_ms == 1795647600000);
  const auto given_up = parse_swarm_tasks(R"([{"ID":"t4","ServiceID":"v1","DesiredState":"shutdown","Status":{"State":"pending"},
    "Spec":{"ContainerSpec":{}}}])",
                                          unread);
  BOOST_REQUIRE(given_up.has_value());
  BOOST_TEST(given_up->empty());  // no node ever had it, and none will
  BOOST_TEST(unread.empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_an_error_that_names_it) {
  std::vector<std::string> unread;
  BOOST_TEST(parse_swarm_secrets("{}", unread).has_error());
  BOOST_TEST(parse_swarm_services("[1]", unread).error().cause.find("[0]") != std::string::npos);
  BOOST_TEST(parse_swarm_secrets(R"([{"Spec":{"Name":"x"}}])", unread).error().cause.find("[0].ID") != std::string::npos);
  BOOST_TEST(parse_swarm_tasks("nonsense", unread).has_error());
  BOOST_TEST(unread.empty());
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_read_is_left_out_and_told) {
  const std::string good = R"({"ID":"s1","Spec":{"Name":"db"}},{"ID":"s2","Spec":{"Name":"web"}})";
  const std::string huge(5 * 1024 * 1024, 'x');
  const struct {
    std::string element, why;
  } cases[] = {{R"({"Spec":{"Name":"x"}})", "[0].ID is missing"},
               {R"({"ID":"s3","Spec":{"Name":"x","Labels":[]}})", "[0].Spec.Labels is not an object"},
               {"7", "[0] is not an object"},
               {R"({"ID":"s3","Spec":{"Name":"x","Labels":{"l":")" + huge + R"("}}})", "[0].Spec makes it longer than 4 MiB"}};
  for (const auto& c : cases) {
    std::vector<std::string> unread;
    const auto secrets = parse_swarm_secrets("[" + c.element + "," + good + "]", unread);
    BOOST_REQUIRE(secrets.has_value());
    BOOST_TEST(secrets->size() == 2u);
    const auto services = parse_swarm_services("[" + c.element + "," + good + "]", unread);
    BOOST_REQUIRE(services.has_value());
    BOOST_TEST(services->size() == 2u);
    BOOST_TEST(unread.size() == 2u);
    BOOST_TEST(unread.at(0) == c.why);
  }
}

BOOST_AUTO_TEST_CASE(this_node) {
  BOOST_TEST(parse_swarm_node_id(R"({"Swarm":{"NodeID":"n1","ControlAvailable":true}})").value() == "n1");
  BOOST_TEST(parse_swarm_node_id(R"({"Swarm":{"NodeID":"n1","ControlAvailable":false}})")->empty());
  BOOST_TEST(parse_swarm_node_id("{}")->empty());
  BOOST_TEST(parse_swarm_node(R"({"Spec":{"Role":"manager"},"ManagerStatus":{"Leader":true}})")->leader);
  BOOST_TEST(!parse_swarm_node(R"({"Spec":{"Role":"manager"},"ManagerStatus":{"Reachability":"reachable"}})")->leader);
}

BOOST_AUTO_TEST_CASE(an_update_is_the_same_spec_with_other_secrets) {
  const auto spec = body(kService, {{"s1", {"s7", "db.2"}}});
  const auto& used = spec.at("TaskTemplate").at("ContainerSpec").at("Secrets");
  BOOST_TEST(used.at(0).at("SecretID").as_string() == "s7");
  BOOST_TEST(used.at(0).at("SecretName").as_string() == "db.2");
  BOOST_TEST(used.at(0).at("File").at("Name").as_string() == "key");
  BOOST_TEST(used.at(1).at("SecretID").as_string() == "s2");
  BOOST_TEST(spec.at("UpdateConfig").at("Order").as_string() == "stop-first", "its owner's");
  BOOST_TEST(spec.at("UpdateConfig").at("FailureAction").as_string() == "rollback");
  BOOST_TEST(spec.at("UpdateConfig").at("Parallelism").as_int64() == 2);
  BOOST_TEST(spec.at("UpdateConfig").at("Monitor").as_int64() == 500000000);
  BOOST_TEST(spec.at("TaskTemplate").at("ContainerSpec").at("Env").at(0).as_string() == "A=b");
  BOOST_TEST(swarm_update_body(kService, {{"s3", {"s7", "x"}}}).has_error());  // somebody changed it meanwhile
}

BOOST_AUTO_TEST_CASE(where_two_tasks_cannot_be_at_once_the_old_one_stops_first) {
  const std::string host_port =
      R"({"Spec":{"Name":"a","EndpointSpec":{"Ports":[{"PublishMode":"host"}]},"TaskTemplate":{"ContainerSpec":{}}}})";
  BOOST_TEST(body(host_port, {}).at("UpdateConfig").at("Order").as_string() == "stop-first");
  const std::string exclusive = R"({"Spec":{"Name":"a","Labels":{"dso.exclusive":"true"},"TaskTemplate":{"ContainerSpec":{}}}})";
  BOOST_TEST(body(exclusive, {}).at("UpdateConfig").at("Order").as_string() == "stop-first");
  BOOST_TEST(body(R"({"Spec":{"Name":"a"}})", {}).at("UpdateConfig").at("Parallelism").as_int64() == 1);
}

BOOST_AUTO_TEST_CASE(no_second_task_where_a_node_has_room_for_one) {
  const std::string one =
      R"({"Spec":{"Name":"a","TaskTemplate":{"Placement":{"MaxReplicas":1}},"UpdateConfig":{"Order":"start-first"}}})";
  BOOST_TEST(body(one, {}).at("UpdateConfig").at("Order").as_string() == "stop-first");
  const std::string any =
      R"({"Spec":{"Name":"a","TaskTemplate":{"Placement":{"MaxReplicas":0}},"UpdateConfig":{"Order":"start-first"}}})";
  BOOST_TEST(body(any, {}).at("UpdateConfig").at("Order").as_string() == "start-first");
}

BOOST_AUTO_TEST_CASE(the_owners_settings_come_back) {
  const auto given_back = [](const boost::json::value& spec) {
    const auto r = swarm_owners_body(boost::json::serialize(boost::json::object{{"Spec", spec}}));
    BOOST_REQUIRE(r.has_value());
    return boost::json::parse({r->data(), r->size()});
  };
  const std::string owner =
      R"({"Spec":{"Name":"a","Labels":{"x":"y"},"TaskTemplate":{"Placement":{"MaxReplicas":1},"ContainerSpec":{}},
    "UpdateConfig":{"Parallelism":1,"Order":"start-first","FailureAction":"pause"}}})";
  const auto ours = body(owner, {});
  BOOST_TEST(ours.at("Labels").at("dso.update.owners").as_string() == R"({"FailureAction":"pause","Order":"start-first"})");
  BOOST_TEST(given_back(ours) == boost::json::parse(owner).at("Spec"));
  // a second update before that keeps what was noted
  const auto again = body(boost::json::serialize(boost::json::object{{"Spec", ours}}), {});
  BOOST_TEST(given_back(again) == boost::json::parse(owner).at("Spec"));
  // what he has set since is his
  boost::json::value since = ours;
  since.at("UpdateConfig").as_object()["FailureAction"] = "continue";
  BOOST_TEST(given_back(since).at("UpdateConfig").at("FailureAction").as_string() == "continue");
  BOOST_TEST(given_back(since).at("UpdateConfig").at("Order").as_string() == "start-first");
  // where he had said nothing there is nothing again; a label that somebody wrote changes nothing
  BOOST_TEST(!given_back(body(R"({"Spec":{"Name":"a"}})", {})).at("UpdateConfig").as_object().contains("FailureAction"));
  const auto odd =
      boost::json::parse(R"({"Name":"a","Labels":{"dso.update.owners":"7"},"UpdateConfig":{"FailureAction":"rollback"}})");
  BOOST_TEST(given_back(odd).at("UpdateConfig").at("FailureAction").as_string() == "rollback");
}

BOOST_AUTO_TEST_CASE(a_secret_without_a_value) {
  const auto b = boost::json::parse(swarm_secret_body("db.2", "dso:latest", {{"dso.base", "db"}}));
  BOOST_TEST(b.at("Driver").at("Name").as_string() == "dso:latest");
  BOOST_TEST(b.at("Labels").at("dso.base").as_string() == "db");
  BOOST_TEST(!b.as_object().contains("Data"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
