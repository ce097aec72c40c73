// What stays of the delivery before: back to last good, and readers, who never miss a file and never see two deliveries mixed.
#include <atomic>
#include <chrono>
#include <thread>

#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_FIXTURE_TEST_SUITE(store_generations, StoreFixture)

BOOST_AUTO_TEST_CASE(back_to_last_good_with_its_state) {
  write("s", "d1", {{"/run/secrets/a", "1"}, {"/run/secrets/old", "x"}, {"K", "v1"}});
  write("s", "d2", {{"/run/secrets/a", "2"}, {"/run/secrets/new", "y"}, {"K", "v2"}, {"/etc/app/added", "z"}});
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=1 old=x ");
  BOOST_CHECK_EQUAL(show_folder(folder("s", "/etc/app")), "");
  BOOST_CHECK_EQUAL(slurp(store.paths().secrets_dir() + "/s/env/env"), std::string("K=v1\0", 5));
  const auto state = store.read("s");
  BOOST_CHECK_EQUAL(digest_of(state), "d1");
  BOOST_CHECK_EQUAL(state->applied.at("container").at("prod/app/db"), "d1");
  BOOST_CHECK_EQUAL(generations_in(folder("s")), 1u);
  BOOST_CHECK(store.restore_previous("s").error().cls == ErrorClass::not_found);
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=1 old=x ");
}

BOOST_AUTO_TEST_CASE(what_has_not_proved_good_is_no_way_back) {
  const auto write_over_unproved = [&](const std::string& digest, const Content& content) {
    BOOST_REQUIRE(store.write(state_of("s", digest), plan_of(content), {}, KeepForBack::earlier).has_value());
  };
  write("s", "d1", {{"/run/secrets/a", "1"}});
  write_over_unproved("d2", {{"/run/secrets/a", "2"}});  // there is nothing earlier: then what is replaced
  for (const char* next : {"d3", "d4"}) write_over_unproved(next, {{"/run/secrets/a", next}});
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=d4 ");
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=1 ");
  BOOST_CHECK_EQUAL(digest_of(store.read("s")), "d1");
}

BOOST_AUTO_TEST_CASE(forgetting_leaves_one_generation) {
  write("s", "d1", {{"/run/secrets/a", "1"}});
  write("s", "d2", {{"/run/secrets/a", "2"}});
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(store.forget_previous("s").has_value());
  BOOST_CHECK_EQUAL(generations_in(folder("s")), 1u);
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=2 ");
  BOOST_CHECK(store.restore_previous("s").error().cls == ErrorClass::not_found);
  BOOST_CHECK(store.forget_previous("never").has_value());
  BOOST_CHECK(names_in(store.paths().secrets_dir() + "/s") ==
              (std::set<std::string>{"state.json", std::filesystem::path(folder("s")).filename()}));
}

BOOST_AUTO_TEST_CASE(its_secrets_go_with_each_generation) {
  const auto kept = [&] {
    const auto values = store.values("s");
    return values.has_value() ? std::string(values->at({"prod", "app/db"}).find("password")->value.reveal())
                              : std::string("none");
  };
  BOOST_TEST(kept() == "none");
  write_with_secret(store, "d1", "1");
  BOOST_TEST(kept() == "1");
  write_with_secret(store, "d2", "2");
  BOOST_TEST(kept() == "2");
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_TEST(kept() == "1");
  write_with_secret(store, "d3", "3");
  BOOST_REQUIRE(store.forget_previous("s").has_value());
  BOOST_TEST(kept() == "3");
  int files = 0;
  for (const std::string& name : names_in(store.paths().secrets_dir() + "/s")) files += name.starts_with("values-");
  BOOST_TEST(files == 1, "those of given-up generations are wiped");
  struct stat st {};
  for (const std::string& name : names_in(store.paths().secrets_dir() + "/s"))
    if (name.starts_with("values-"))
      BOOST_TEST((stat((store.paths().secrets_dir() + "/s/" + name).c_str(), &st) == 0 && (st.st_mode & 0777) == 0600));
  write("s", "d4", {{"/run/secrets/a", "4"}});  // as an older version writes
  BOOST_TEST(kept() == "none");
}

BOOST_AUTO_TEST_CASE(the_judged_versions_are_on_disk) {
  ScopeState state = state_of("s", "d1");
  BOOST_TEST(store.judged_versions("s").empty());
  write("s", "d1", {{"/run/secrets/a", "1"}});
  state.delivered[0].version = "7";
  BOOST_REQUIRE(store.remember_judged(state).has_value());
  BOOST_TEST((store.judged_versions("s") == std::map<std::string, std::string>{{"prod/app/db", "7"}}));
  BOOST_TEST(store.known_scopes().size() == 1u);
  BOOST_REQUIRE(store.remove("s").has_value());
  BOOST_TEST(store.judged_versions("s").empty());
}

BOOST_AUTO_TEST_CASE(what_was_forgotten_goes_when_readers_have_left) {
  write("s", "d1", {{"/run/secrets/a", "1"}});
  write("s", "d2", {{"/run/secrets/a", "2"}});
  BOOST_REQUIRE(store.forget_previous("s").has_value());
  BOOST_CHECK_EQUAL(generations_in(folder("s"), true), 1u);  // a reader may be on its way
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (generations_in(folder("s"), true) != 0 && std::chrono::steady_clock::now() < end)
    BOOST_REQUIRE(store.sweep_earlier("s").has_value());
  BOOST_CHECK_EQUAL(generations_in(folder("s"), true), 0u);
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=2 ");
  BOOST_CHECK(store.sweep_earlier("never").has_value());
}

BOOST_AUTO_TEST_CASE(a_sweep_leaves_the_way_back) {
  write("s", "d1", {{"/run/secrets/a", "1"}});
  write("s", "d2", {{"/run/secrets/a", "2"}, {"/etc/app/k", "2"}});  // a folder more
  BOOST_REQUIRE(store.sweep_earlier("s").has_value());
  BOOST_CHECK_EQUAL(generations_in(folder("s"), true), 0u);  // its secrets are not kept: it stays where it is
  BOOST_CHECK_EQUAL(generations_in(folder("s")), 2u);
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_CHECK_EQUAL(show_folder(folder("s")), "a=1 ");
}

BOOST_AUTO_TEST_CASE(what_is_kept_for_a_way_back_leaves_the_sight_of_containers) {
  std::vector<std::string> switched;
  store.on_switch([&](const std::string& id) { switched.push_back(id); });
  write_with_secret(store, "d1", "1");
  write_with_secret(store, "d2", "2");
  BOOST_TEST(switched.size() == 2u);
  const auto swept = [&] {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (generations_in(folder("s"), true) != 0 && std::chrono::steady_clock::now() < end)
      BOOST_REQUIRE(store.sweep_earlier("s").has_value());
    return generations_in(folder("s"), true) == 0 && generations_in(folder("s")) == 1;
  };
  BOOST_TEST(generations_in(folder("s"), true) == 1u, "a reader may be on its way");
  BOOST_TEST(swept());
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_TEST(show_folder(folder("s")) == "a=1 ");
  BOOST_TEST(switched.size() == 3u);
  BOOST_TEST(swept());
  // within the time for readers it is still there: the way back leads to the same files, and they are not given up later
  write_with_secret(store, "d3", "3");
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_TEST(show_folder(folder("s")) == "a=1 ");
  BOOST_TEST(swept());
  BOOST_TEST(show_folder(folder("s")) == "a=1 ");
}

BOOST_AUTO_TEST_CASE(an_open_file_stays_whole_when_its_generation_is_forgotten) {
  write("s", "d1", {{"/run/secrets/a", "first"}});
  UniqueFd reader(open((folder("s") + "/a").c_str(), O_RDONLY | O_CLOEXEC));
  write("s", "d2", {{"/run/secrets/a", "second"}});
  BOOST_REQUIRE(store.forget_previous("s").has_value());
  char text[16] = {};
  BOOST_REQUIRE_EQUAL(::read(reader.get(), text, sizeof text), 5);
  BOOST_CHECK_EQUAL(std::string(text), "first");
}

BOOST_AUTO_TEST_CASE(readers_never_miss_and_never_mix) {
  const auto content = [](int i) {
    return Content{{"/run/secrets/a", std::to_string(i)}, {"/run/secrets/b", std::to_string(i)}};
  };
  write("s", "d", content(0));
  const std::string path = folder("s");
  std::atomic<bool> stop{false};
  std::atomic<int> missed{0}, mixed{0}, seen{0};
  const auto by_name = [&] {  // a plain open, as applications do it
    while (!stop) missed += slurp(path + "/a").starts_with("error");
  };
  const auto by_folder = [&] {  // two files of one generation, through one folder
    while (!stop) {
      UniqueFd data(open((path + "/..data").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!data) {
        ++missed;
        continue;
      }
      const std::string at = "/proc/self/fd/" + std::to_string(data.get());
      const std::string a = slurp(at + "/a"), b = slurp(at + "/b");
      if (a.starts_with("error") || b.starts_with("error")) continue;  // forgotten meanwhile
      mixed += a != b;
      ++seen;
    }
  };
  std::thread one(by_name), two(by_folder);
  int writes = 0;
  for (; writes < 300 || seen < 300; ++writes) {
    write("s", "d", content(writes));
    BOOST_REQUIRE(store.forget_previous("s").has_value());
  }
  stop = true;
  one.join();
  two.join();
  BOOST_CHECK_EQUAL(missed, 0);
  BOOST_CHECK_EQUAL(mixed, 0);
}

BOOST_AUTO_TEST_SUITE_END()
