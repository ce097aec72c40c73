// Which containers are stale, and which strategy brings them on: labels before config, the strongest of several, refusals.
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "logic/parse_config.h"
#include "logic/plan_reload.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(plan_reload)

namespace {

const SecretKey db{"default", "db"}, tls{"default", "tls"};

ScopeState state_with(InjectType type = InjectType::file) {
  ScopeState s;
  s.scope.id = "s";
  Inject inject;
  inject.type = type;
  s.scope.items = {{db, inject, {}}, {tls, {}, {}}};
  s.delivered = {{db, "2", "d2", 2000}, {tls, "1", "t1", 1000}};
  return s;
}

Container container(std::map<std::string, std::string> labels = {}, std::int64_t started = 1500) {
  Container c;
  c.id = "c1";
  c.name = "api";
  c.state = "running";
  c.started_at_ms = started;
  c.labels = std::move(labels);
  return c;
}

Config config_with(Strategy for_db, Strategy for_tls) {
  Config c = default_config();
  SecretConfig a, b;
  a.name = "db";
  b.name = "tls";
  a.provider = b.provider = "default";
  a.reload.type = for_db;
  b.reload.type = for_tls;
  c.secrets.push_back(a);
  c.secrets.push_back(b);
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_process_older_than_the_delivery_is_stale) {
  BOOST_TEST((stale_secrets(state_with(), container()) == std::vector<SecretKey>{db}));
}

BOOST_AUTO_TEST_CASE(a_process_started_after_the_delivery_has_read_it) {
  BOOST_TEST(stale_secrets(state_with(), container({}, 2001)).empty());
}

BOOST_AUTO_TEST_CASE(a_wall_clock_that_jumps_changes_nothing_where_both_times_since_the_boot_are_known) {
  const auto stale = [](std::int64_t delivered_boot, std::int64_t started_boot, std::int64_t started_wall) {
    ScopeState s = state_with();
    s.delivered = {{db, "2", "d2", 5'000'000, delivered_boot}};
    Container c = container({}, started_wall);
    c.started_boot_ms = started_boot;
    return !stale_secrets(s, c).empty();
  };
  constexpr std::int64_t earlier = 1'000'000, later = 9'000'000;  // an hour and more before and after 5'000'000
  for (std::int64_t wall : {earlier, later}) {
    BOOST_TEST(stale(70'000, 60'000, wall));   // set back after the start, or not: it is older than the delivery
    BOOST_TEST(!stale(70'000, 80'000, wall));  // set forward after the delivery, or not: it is younger
    // The kernel's ticks of 10 ms: of the same tick is young enough, of the one before is not.
    BOOST_TEST(!stale(70'009, 70'000, wall));
    BOOST_TEST(!stale(70'000, 70'000, wall));
    BOOST_TEST(stale(70'010, 70'000, wall));
  }
  // One of them unknown: the wall clock is all there is.
  for (const auto& [delivered, started] : {std::pair(0, 60'000), std::pair(70'000, 0), std::pair(0, 0)}) {
    BOOST_TEST(stale(delivered, started, earlier));
    BOOST_TEST(!stale(delivered, started, later));
  }
}

BOOST_AUTO_TEST_CASE(a_process_that_was_told_of_this_very_value_is_not_stale) {
  ScopeState s = state_with();
  s.applied["c1"][applied_key(db)] = "d1";
  BOOST_TEST(stale_secrets(s, container()).size() == 1u);
  s.applied["c1"][applied_key(db)] = "d2";
  BOOST_TEST(stale_secrets(s, container()).empty());
  BOOST_TEST(stale_secrets(s,
                           [] {
                             auto c = container();
                             c.id = "other";
                             return c;
                           }())
                 .size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_label_comes_before_the_config) {
  const auto choice = choose_strategy(config_with(Strategy::restart, Strategy::none), state_with().scope, {db},
                                      container({{"dso.strategy", "signal"}}));
  BOOST_TEST((choice.type == Strategy::signal));
  BOOST_TEST(choice.signal == "SIGHUP");
  BOOST_TEST(choice.reason == "label dso.strategy");
  BOOST_TEST(choice.refusal.empty());
}

BOOST_AUTO_TEST_CASE(who_borrows_anothers_mounts_is_restarted_in_its_place) {
  Container c = container({{"dso.strategy", "rolling"}});
  const Scope scope = state_with().scope;
  c.mounts = {{"bind", "/run/dso/secrets/" + scope.id + "/f", "/run/secrets", true, "", true}};
  const auto choice = choose_strategy({}, scope, {db}, c);
  BOOST_TEST((choice.type == Strategy::restart));
  BOOST_TEST(choice.refusal.empty());
  BOOST_TEST(choice.reason.find("--volumes-from") != std::string::npos);
  c.mounts[0].borrowed = false;  // it borrows something else
  BOOST_TEST((choose_strategy({}, scope, {db}, c).type == Strategy::rolling));
}

BOOST_AUTO_TEST_CASE(the_signal_label_counts) {
  const auto choice = choose_strategy(config_with(Strategy::signal, Strategy::none), state_with().scope, {db},
                                      container({{"dso.signal", "usr1"}}));
  BOOST_TEST(choice.signal == "SIGUSR1");
}

BOOST_AUTO_TEST_CASE(of_several_secrets_the_strongest_strategy_counts_whatever_the_order) {
  const Config c = config_with(Strategy::signal, Strategy::restart);
  BOOST_TEST((choose_strategy(c, state_with().scope, {db, tls}, container()).type == Strategy::restart));
  BOOST_TEST((choose_strategy(c, state_with().scope, {tls, db}, container()).type == Strategy::restart));
  BOOST_TEST((choose_strategy(c, state_with().scope, {db}, container()).type == Strategy::signal));
}

BOOST_AUTO_TEST_CASE(signal_for_env_is_refused_with_the_reason) {
  const auto choice =
      choose_strategy(config_with(Strategy::signal, Strategy::none), state_with(InjectType::env).scope, {db}, container());
  BOOST_TEST(choice.refusal.find("environment cannot change") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rolling_is_the_default_and_says_how) {
  const auto choice = choose_strategy(default_config(), state_with().scope, {db}, container());
  BOOST_TEST((choice.type == Strategy::rolling));
  BOOST_TEST(choice.refusal == "");
  BOOST_TEST((choice.flow == Flow::swap));
  auto with_ports = container();
  with_ports.publishes = true;
  BOOST_TEST((choose_strategy(default_config(), state_with().scope, {db}, with_ports).flow == Flow::relay));
}

BOOST_AUTO_TEST_CASE(rolling_in_a_shared_network_is_refused_with_the_reason) {
  for (const std::string mode : {"host", "container:0123"}) {
    auto c = container();
    c.network_mode = mode;
    const auto choice = choose_strategy(default_config(), state_with().scope, {db}, c);
    BOOST_TEST((choice.type == Strategy::rolling));
    BOOST_TEST(choice.refusal.find("network") != std::string::npos);
    BOOST_TEST(choice.refusal.find("dso.strategy") != std::string::npos);
    c.labels["dso.strategy"] = "auto";
    const auto automatic = choose_strategy(default_config(), state_with().scope, {db}, c);
    BOOST_TEST((automatic.type == Strategy::restart));
    BOOST_TEST(automatic.reason.find("rolling update is impossible") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(auto_rolls_for_env_and_signals_for_files) {
  const Config c = default_config();
  BOOST_TEST((choose_strategy(c, state_with(InjectType::env).scope, {db}, container({{"dso.strategy", "auto"}})).type ==
              Strategy::rolling));
  BOOST_TEST((choose_strategy(c, state_with().scope, {db}, container({{"dso.strategy", "auto"}})).type == Strategy::rolling));
  const auto hup = choose_strategy(c, state_with().scope, {db}, container({{"dso.strategy", "auto"}, {"dso.signal", "SIGHUP"}}));
  BOOST_TEST((hup.type == Strategy::signal));
  BOOST_TEST(hup.reason.find("auto chose signal") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_strategy_or_signal_leaves_the_container_alone) {
  BOOST_TEST(
      !choose_strategy(default_config(), state_with().scope, {db}, container({{"dso.strategy", "rebuild"}})).refusal.empty());
  BOOST_TEST(!choose_strategy(default_config(), state_with().scope, {db},
                              container({{"dso.strategy", "signal"}, {"dso.signal", "SIGNOPE"}}))
                  .refusal.empty());
}

BOOST_AUTO_TEST_CASE(signals_by_every_spelling) {
  BOOST_TEST(signal_number("SIGHUP") == SIGHUP);
  BOOST_TEST(signal_number("hup") == SIGHUP);
  BOOST_TEST(signal_number("USR1") == SIGUSR1);
  BOOST_TEST(signal_number("") == 0);
  BOOST_TEST(signal_number("1") == 0);
}

BOOST_AUTO_TEST_CASE(what_sees_only_a_tmpfs_that_is_gone_is_brought_by_a_restart_alone) {
  Container c = container({{"dso.signal", "SIGHUP"}});
  c.mount_lost = true;
  const auto choice = [&](const char* strategy) {
    c.labels["dso.strategy"] = strategy;
    return choose_strategy(default_config(), state_with().scope, {db}, c);
  };
  for (const char* strategy : {"signal", "none"}) {
    BOOST_TEST(choice(strategy).refusal.find("docker restart api") != std::string::npos, strategy);
    BOOST_TEST(choice(strategy).refusal.find("; ") != std::string::npos, "a reason and what to do");
  }
  BOOST_TEST((choice("restart").type == Strategy::restart && choice("restart").refusal.empty()));
  BOOST_TEST((choice("rolling").type == Strategy::rolling && choice("rolling").refusal.empty()));
  BOOST_TEST((choice("auto").type == Strategy::rolling && choice("auto").refusal.empty()), "a signal would bring nothing");
  Scope volume = state_with().scope;
  volume.id = "volume-v-0123456789abcdef";
  c.labels["dso.strategy"] = "rolling";
  BOOST_TEST((choose_strategy(default_config(), volume, {db}, c).type == Strategy::restart), "a volume's files change in place");
}

BOOST_AUTO_TEST_SUITE_END()
