// Which containers are stale, and which strategy brings them on: labels before config, the strongest of several, refusals.
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <functional>

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

BOOST_AUTO_TEST_CASE(auto_is_the_default_rolls_where_nothing_is_lost_and_says_how) {
  const auto choice = choose_strategy(default_config(), state_with().scope, {db}, container());
  BOOST_TEST(choice.reason == "agent.rotation: auto chose rolling, since no signal is set");
  BOOST_TEST(choice.unseen);
  auto seen = container();
  seen.replace_facts.emplace();
  BOOST_TEST(choose_strategy(default_config(), state_with().scope, {db}, seen).unseen, "nor who depends on it");
  seen.dependents.emplace();
  BOOST_TEST(!choose_strategy(default_config(), state_with().scope, {db}, seen).unseen);
  BOOST_TEST((choice.type == Strategy::rolling));
  BOOST_TEST(choice.refusal == "");
  BOOST_TEST((choice.flow == Flow::swap));
  auto with_ports = container();
  with_ports.publishes = true;
  BOOST_TEST((choose_strategy(default_config(), state_with().scope, {db}, with_ports).flow == Flow::relay));
}

BOOST_AUTO_TEST_CASE(rolling_in_a_shared_network_is_refused_with_the_reason) {
  for (const std::string mode : {"host", "container:0123"}) {
    auto c = container({{"dso.strategy", "rolling"}});
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

BOOST_AUTO_TEST_CASE(who_could_not_start_again_is_not_restarted) {
  auto c = container({{"dso.strategy", "restart"}});
  c.missing_host = "it has the network of 'hub', which is gone";
  BOOST_TEST(choose_strategy(default_config(), state_with().scope, {db}, c).refusal ==
             "it has the network of 'hub', which is gone, or set the label dso.strategy to signal or none");
  c.labels["dso.strategy"] = "none";
  BOOST_TEST(choose_strategy(default_config(), state_with().scope, {db}, c).refusal == "");
}

BOOST_AUTO_TEST_CASE(what_would_be_lost_is_kept_by_auto_and_refused_to_rolling) {
  struct Case {
    const char* what;
    std::function<void(Container&)> make;
    const char* label;  // allows it
    const char* value;
  };
  const auto writes = [](Container& c) { c.replace_facts = ReplaceFacts{"'/app/db.sqlite'", {}, {}}; };
  const Case cases[] = {
      {"'/app/db.sqlite'", writes, label::kLayer, "drop"},
      {"cannot be looked at: no driver",
       [](Container& c) {
         c.replace_facts = ReplaceFacts{{}, "no driver", {}};
       },
       label::kLayer, "drop"},
      {"the volume 'v' at /data",
       [](Container& c) {
         c.mounts = {{"volume", "/x", "/data", false, "v"}};
       },
       label::kExclusive, "false"},
      {"'/srv/x' at /data",
       [](Container& c) {
         c.mounts = {{"bind", "/srv/x", "/data", false}};
       },
       label::kExclusive, "true"},
      {"network 'vlan'",
       [](Container& c) {
         c.replace_facts = ReplaceFacts{{}, {}, "vlan"};
       },
       label::kExclusive, "true"},
      {"dso.layer=keep", [](Container& c) { c.labels[label::kLayer] = "keep"; }, label::kLayer, "drop"},
      {"dso.address=keep",
       [](Container& c) {
         c.labels[label::kAddress] = "keep";
         c.endpoints = {{"n", "id", "10.0.0.2", "", {}, false}};
       },
       label::kAddress, "change"},
  };
  for (const Case& one : cases) {
    for (const char* strategy : {"", "auto", "rolling"}) {
      Container c = container();
      if (*strategy) c.labels[label::kStrategy] = strategy;
      one.make(c);
      const auto choice = choose_strategy(default_config(), state_with().scope, {db}, c);
      const std::string said = choice.reason + choice.refusal;
      BOOST_TEST(said.find(one.what) != std::string::npos, said);
      if (strategy == std::string("rolling")) {
        BOOST_TEST((choice.type == Strategy::rolling));
        BOOST_TEST(choice.refusal.find(std::string(one.label)) != std::string::npos, choice.refusal);
      } else {
        BOOST_TEST((choice.type == Strategy::restart), said);
        BOOST_TEST(choice.refusal == "");
      }
      c.labels[one.label] = one.value;
      const auto allowed = choose_strategy(default_config(), state_with().scope, {db}, c);
      BOOST_TEST((allowed.type == Strategy::rolling), allowed.reason);
      BOOST_TEST(allowed.refusal == "");
      BOOST_TEST((allowed.flow == Flow::exclusive) == (one.value == std::string("true")));
    }
    Container c = container({{"dso.strategy", "restart"}});
    one.make(c);
    BOOST_TEST(choose_strategy(default_config(), state_with().scope, {db}, c).refusal == "");
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_data_of_its_own_is_rolled) {
  Container c = container();
  c.replace_facts.emplace();
  c.mounts = {{"bind", "/var/run/docker.sock", "/var/run/docker.sock", false},
              {"bind", "/etc/localtime", "/etc/localtime", false},
              {"bind", "/srv/conf", "/conf", true},
              {"tmpfs", "", "/scratch", false},
              {"volume", "", "/run/s", false, "s", false, "dso"}};
  c.endpoints = {{"n", "id", "10.0.0.2", "", {}, true}};
  BOOST_TEST((choose_strategy(default_config(), state_with().scope, {db}, c).type == Strategy::rolling));
  c.labels[label::kAddress] = "keep";  // it keeps that one
  BOOST_TEST((choose_strategy(default_config(), state_with().scope, {db}, c).type == Strategy::rolling));
}

BOOST_AUTO_TEST_CASE(two_do_not_write_to_what_both_have_even_if_the_layer_may_go) {
  Container c = container({{"dso.layer", "drop"}});
  c.mounts = {{"volume", "/x", "/data", false, "v"}};
  BOOST_TEST((choose_strategy(default_config(), state_with().scope, {db}, c).type == Strategy::restart));
  c.labels = {{"dso.exclusive", "true"}};
  c.replace_facts = ReplaceFacts{"'/app/db.sqlite'", {}, {}};
  BOOST_TEST((choose_strategy(default_config(), state_with().scope, {db}, c).type == Strategy::restart));
}

BOOST_AUTO_TEST_CASE(a_value_that_a_label_cannot_have) {
  for (const char* name : {label::kExclusive, label::kLayer, label::kAddress})
    for (const char* strategy : {"auto", "rolling"}) {
      const auto choice =
          choose_strategy(default_config(), state_with().scope, {db}, container({{name, "yes"}, {"dso.strategy", strategy}}));
      BOOST_TEST(choice.refusal.find(std::string("the label ") + name + " has 'yes'") == 0u, choice.refusal);
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
  BOOST_TEST(signal_number("SIGRTMIN") == 34);
  BOOST_TEST(signal_number("rtmin+1") == 35);
  BOOST_TEST(signal_number("SIGRTMAX-14") == 50);
  BOOST_TEST(signal_number("SIGRTMAX") == 64);
  for (const char* none : {"SIGRTMIN+31", "SIGRTMIN-1", "SIGRTMAX+1", "SIGRTMIN+", "SIGRTMIN+x", "SIGRTMIN+-1", "RTMIN1"})
    BOOST_TEST(signal_number(none) == 0, none);
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
    BOOST_TEST(choice(strategy).refusal.starts_with(kMountLost), "a reason and what to do");
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
