// An honest provider in its real child process: what it gets, what it lends, what comes back.
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <thread>

#include "provider/provider_source.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_good_plugin)

BOOST_AUTO_TEST_CASE(a_batch_comes_back_in_order_with_errors_of_their_own) {
  SourceFixture f("good");
  auto source = f.make();
  const SecretRef refs[] = {{"one", ""}, {"missing", ""}, {"three", "42"}, {"binary", ""}};
  const auto all = source->fetch(refs, Deadline::in(20s), {});
  BOOST_REQUIRE(all.size() == 4u);
  BOOST_TEST(field(all[0], "user") == "app");
  BOOST_TEST(field(all[0], "password") == "one");
  BOOST_TEST(all[0]->version == "v1");
  BOOST_TEST(all[0]->name == "one");
  BOOST_REQUIRE(all[1].has_error());
  BOOST_TEST(render(all[1].error()) ==
             "Failed to fetch secret 'missing': NotFound: no such secret (404, request req-7, as tester). Create it.");
  BOOST_TEST(all[2]->version == "42");
  BOOST_TEST((field(all[3], "value") == std::string("a\0b\xff", 4)));
  BOOST_TEST(source->identity() == "tester");
}

BOOST_AUTO_TEST_CASE(memory_is_lent_or_refused) {
  SourceFixture f("good");
  auto source = f.make();
  const auto v = fetch_one(*source, "memory");
  BOOST_TEST(field(v, "value") == std::string(100, 'm'));
  BOOST_TEST(field(v, "aligned") == "yes");
  BOOST_TEST(field(v, "too much") == "refused");
}

BOOST_AUTO_TEST_CASE(versions_and_list) {
  SourceFixture f("good");
  auto source = f.make();
  const SecretRef refs[] = {{"one", ""}, {"two", ""}};
  const auto versions = source->versions(refs, Deadline::in(20s), {});
  BOOST_REQUIRE(versions.size() == 2u);
  BOOST_TEST(versions[1].value() == "v1");
  BOOST_TEST((source->list(Deadline::in(20s), {}).value() == std::vector<std::string>{"a", "b"}));
  BOOST_TEST(source->fetch({}, Deadline::in(20s), {}).empty());
}

BOOST_AUTO_TEST_CASE(what_it_lacks_is_unsupported) {
  SourceFixture f("bad");
  auto source = f.make();
  const SecretRef ref{"one", ""};
  BOOST_TEST((source->versions({&ref, 1}, Deadline::in(20s), {})[0].error().cls == ErrorClass::unsupported));
  BOOST_TEST((source->list(Deadline::in(20s), {}).error().cls == ErrorClass::unsupported));
}

BOOST_AUTO_TEST_CASE(it_gets_the_config_as_json_and_an_empty_environment) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://x\"\n"}};
  f.instance.auth_method = "approle";
  f.instance.auth_params = {{"role_id", "r"}};
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "config"), "value") ==
             R"({"name":"prod","type":"good","settings":{"address":"https://x\"\n"},)"
             R"("auth":{"method":"approle","params":{"role_id":"r"}}})");
  BOOST_TEST(field(fetch_one(*source, "environ"), "value") == "empty");
}

BOOST_AUTO_TEST_CASE(a_config_that_it_refuses_is_one_error_and_the_next_open_asks_again) {
  SourceFixture f("good");
  f.instance.settings = {{"refuse", "1"}};
  auto source = f.make();
  for (int i = 0; i < 3; ++i) {
    const auto opened = source->open(Deadline::in(20s), {});
    BOOST_REQUIRE(opened.has_error());
    BOOST_TEST(render(opened.error()) == "Cannot open the provider 'prod': InvalidRequest: the setting 'refuse' is set");
  }
}

BOOST_AUTO_TEST_CASE(http_is_lent_within_the_egress_list) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://store:8200"}};
  std::vector<std::string> seen;
  f.http = [&](const HttpRequest& r, const Deadline&, std::stop_token) -> Result<HttpResponse> {
    seen.push_back(r.method + " " + r.url + " " + r.headers.at(0).first + "=" + r.headers.at(0).second + " " +
                   std::string(view(r.body)));
    HttpResponse response;
    response.status = 307;
    response.headers = {{"location", "https://other:8200/"}, {"date", "Thu, 01 Jan 1970 00:01:40 GMT"}};
    append(response.body, "the answer");
    return response;
  };
  auto source = f.make();
  const auto v = fetch_one(*source, "http https://store:8200/v1/x");
  BOOST_TEST(field(v, "status") == "307");
  BOOST_TEST(field(v, "body") == "the answer");
  BOOST_TEST(field(v, "header") == "https://other:8200/");
  BOOST_TEST((store_clock_of(*source)->clock_ahead().value() > 365 * 24h));
  BOOST_REQUIRE(seen.size() == 1u);
  BOOST_TEST(seen[0] == "POST https://store:8200/v1/x x-token=t0ken ask");

  const auto refused = fetch_one(*source, "http https://other:8200/");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().cls == ErrorClass::access_denied));
  BOOST_TEST(refused.error().cause ==
             "the provider asked for https://other:8200, which its config does not allow (https://store:8200 only)");
  BOOST_TEST(fetch_one(*source, "http unix:///var/run/docker.sock:/info").has_error());
  BOOST_TEST(seen.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_request_says_that_it_is_for_the_host_of_its_url) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://store:8200"}};
  std::vector<std::string> seen;
  f.http = [&](const HttpRequest& r, const Deadline&, std::stop_token) -> Result<HttpResponse> {
    seen.push_back(r.headers.at(0).second);
    HttpResponse response;
    response.status = 200;
    return response;
  };
  auto source = f.make();
  for (const char* host : {"other:8200", "store", "store:8201", "store:8200.other", "other", ""}) {
    const auto refused = fetch_one(*source, "http host=" + std::string(host) + " https://store:8200/v1/x");
    BOOST_REQUIRE_MESSAGE(refused.has_error(), host);
    BOOST_TEST((refused.error().cls == ErrorClass::invalid_request));
    BOOST_TEST(refused.error().cause == "its header Host is not that of its URL, store:8200");
  }
  BOOST_TEST(seen.empty());
  BOOST_TEST(field(fetch_one(*source, "http host=Store:8200 https://store:8200/v1/x"), "status") == "200");
}

BOOST_AUTO_TEST_CASE(an_http_failure_keeps_its_class_and_reason) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://store:8200"}};
  int asked = 0;
  f.http = [&](const HttpRequest&, const Deadline&, std::stop_token) -> Result<HttpResponse> {
    ++asked;
    Error e;
    e.cls = ErrorClass::network;
    e.what = "Cannot connect to store:8200";
    e.cause = "connection refused";
    return e;
  };
  auto source = f.make();
  const auto v = fetch_one(*source, "http https://store:8200/");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST(
      render(v.error()) ==
      "Failed to fetch secret 'http https://store:8200/': Network: Cannot connect to store:8200: connection refused (as tester)");
  BOOST_TEST(asked == 3);  // transient: all attempts
}

BOOST_AUTO_TEST_CASE(requests_together_are_up_to_eight_at_once_and_answered_in_order) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://store:8200"}};
  std::atomic<int> under_way{0}, most{0};
  f.http = [&](const HttpRequest& r, const Deadline&, std::stop_token) -> Result<HttpResponse> {
    const int now = ++under_way;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    const int number = std::stoi(r.url.substr(r.url.rfind('/') + 1));
    while (number < 8 && most < 8) std::this_thread::yield();  // the first eight are under way together
    HttpResponse response;
    response.status = 200;
    append(response.body, "body of " + std::to_string(number));
    --under_way;
    return response;
  };
  auto source = f.make();
  const auto v = fetch_one(*source, "all 61 https://store:8200");
  for (int i = 0; i < 60; ++i) BOOST_TEST(field(v, "answer" + std::to_string(i)) == "body of " + std::to_string(i));
  BOOST_TEST(field(v, "answer60") ==
             "the provider asked for https://elsewhere:443, which its config does not allow (https://store:8200 only)");
  BOOST_TEST(most == 8);
  BOOST_TEST(field(v, "meanwhile") == "the provider asks its host while it is handed the answers of http_all");
  BOOST_TEST(field(fetch_one(*source, "all 1001 https://store:8200"), "refused") == "yes");
  BOOST_TEST(field(fetch_one(*source, "plain"), "user") == "app");  // the process is as good as before
}

BOOST_AUTO_TEST_CASE(many_large_answers_are_read_and_emitted_without_waiting_for_each_other) {
  SourceFixture f("good");
  f.instance.settings = {{"address", "https://store:8200"}};
  f.http = [&](const HttpRequest&, const Deadline&, std::stop_token) -> Result<HttpResponse> {
    HttpResponse response;
    response.status = 200;
    response.body.assign(100 * 1024, 'x');  // far more than a socket's buffer holds, in both directions
    return response;
  };
  auto source = f.make();
  const auto v = fetch_one(*source, "all 101 https://store:8200");
  BOOST_TEST(field(v, "answer0").size() == 100u * 1024);
  BOOST_TEST(field(v, "answer99").size() == 100u * 1024);
}

BOOST_AUTO_TEST_CASE(files_only_as_the_config_names_them) {
  const auto folder = std::filesystem::temp_directory_path() / ("dso-provider-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "token") << "from-file";
  std::ofstream(folder / "other") << "private";
  SourceFixture f("good");
  f.env["HOME"] = folder.string();
  f.env["GOOD_TOKEN_FILE"] = (folder / "other").string();
  f.instance.auth_params = {
      {"token_file", (folder / "token").string()}, {"home_file", "~/token"}, {"lost_file", (folder / "lost").string()}};
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "file " + (folder / "token").string()), "value") == "from-file");
  BOOST_TEST(field(fetch_one(*source, "file ~/token"), "value") == "from-file");
  const auto lost = fetch_one(*source, "file " + (folder / "lost").string());
  BOOST_TEST((lost.error().cls == ErrorClass::credentials_unavailable));
  for (const std::string& path : {(folder / "other").string(), (folder / "x/../token").string(), std::string("/etc/passwd")}) {
    const auto denied = fetch_one(*source, "file " + path);
    BOOST_REQUIRE(denied.has_error());
    BOOST_TEST((denied.error().cls == ErrorClass::access_denied));
    BOOST_TEST(denied.error().cause == "the config does not name this file");
  }
  std::filesystem::permissions(folder / "token", std::filesystem::perms(0666));
  const auto open_to_all = fetch_one(*source, "file " + (folder / "token").string());
  BOOST_TEST((open_to_all.error().cls == ErrorClass::access_denied), "told apart from one that is not there");
  BOOST_TEST(open_to_all.error().cause.find("everybody may write it: it belongs to uid ") != std::string::npos);
  // a variable of its own kind that names a file counts as named
  BOOST_TEST(field(fetch_one(*source, "env GOOD_TOKEN_FILE"), "found") == "yes");
  BOOST_TEST(field(fetch_one(*source, "file " + (folder / "other").string()), "value") == "private");
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(environment_only_of_its_kind) {
  SourceFixture f("good");
  f.env = {{"GOOD_TOKEN", "g"}, {"VAULT_TOKEN", "v"}};
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "env GOOD_TOKEN"), "value") == "g");
  BOOST_TEST(field(fetch_one(*source, "env VAULT_TOKEN"), "found") == "no");
  BOOST_TEST(field(fetch_one(*source, "env GOOD_NOT_SET"), "found") == "no");
}

BOOST_AUTO_TEST_CASE(hashes) {
  SourceFixture f("good");
  auto source = f.make();
  const auto v = fetch_one(*source, "hash abc");
  BOOST_TEST((field(v, "sha256").substr(0, 4) == "\xba\x78\x16\xbf"));
  BOOST_TEST(field(v, "hmac").size() == 32u);
}

BOOST_AUTO_TEST_CASE(its_log_lines_are_one_harmless_line_with_its_name) {
  SourceFixture f("good");
  LogCapture log;
  auto source = f.make();
  BOOST_TEST(field(fetch_one(*source, "log"), "value") == "logged");
  const auto lines = log.lines();
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0] == "WARN: [Provider] prod: two\\x0alines \\x1b[31mred");
}

BOOST_AUTO_TEST_CASE(a_failed_call_and_an_unknown_class) {
  SourceFixture f("good");
  auto source = f.make();
  BOOST_TEST(render(fetch_one(*source, "whole-call").error()) ==
             "Failed to fetch secret 'whole-call': AccessDenied: sealed (503)");
  BOOST_TEST((fetch_one(*source, "unknown-class").error().cls == ErrorClass::malformed));
}

BOOST_AUTO_TEST_CASE(a_stop_cancels_and_the_process_lives_on) {
  SourceFixture f("good");
  LogCapture log;
  auto source = f.make();
  std::stop_source stop;
  const int follower = log::follow([&stop](const std::string& line) {
    if (line.find("waiting for cancel") != std::string::npos) stop.request_stop();
  });
  const auto v = fetch_one(*source, "until-cancelled", 20s, stop.get_token());
  log::unfollow(follower);
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST((v.error().cls == ErrorClass::interrupted));
  BOOST_TEST(field(fetch_one(*source, "one"), "user") == "app");
  BOOST_TEST(log.lines().size() == 1u);  // no restart was logged
}

BOOST_AUTO_TEST_CASE(the_deadline_reaches_the_provider_before_it_is_too_late) {
  SourceFixture f("good");
  f.instance.retry_attempts = 1;
  auto source = f.make();
  BOOST_REQUIRE(source->open(Deadline::in(20s), {}).has_value());
  const auto v = fetch_one(*source, "until-cancelled", 1s);
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST(render(v.error()) == "Failed to fetch secret 'until-cancelled': Timeout: cancelled (as tester)");
}

BOOST_AUTO_TEST_CASE(many_threads_one_call_at_a_time) {
  SourceFixture f("good");
  auto source = f.make();
  std::vector<std::jthread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        if (field(fetch_one(*source, "n"), "password") == "n") ++good;
    });
  threads.clear();
  BOOST_TEST(good == 160);
}

BOOST_AUTO_TEST_SUITE_END()
