// The plan for a Swarm: single decisions, then walks through a modelled cluster in which stores change, tasks fail and the
// planner dies between any two steps.
#include <boost/test/unit_test.hpp>
#include <random>

#include "logic/swarm_index.h"
#include "logic/swarm_model.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(swarm_plan)

namespace {

using Kind = SwarmStep::Kind;
using test::SwarmModel;

struct One {
  SwarmModel m;
  SwarmWish wish;
  std::string db = m.add_secret("db", "myapp/db");
  One() {
    m.add_service("api", {db}, 3);
    wish.versions["myapp/db"] = "v2";
    wish.served["db"] = "v1";
  }
  std::vector<SwarmStep> plan() const { return plan_swarm(m.view, wish); }
  std::vector<SwarmStep> act() {
    auto steps = plan();
    for (const auto& s : steps) m.apply(s);
    return steps;
  }
  void settle() {
    for (int i = 0; i < 100; ++i) {
      bool changed = false;
      for (const auto& s : act()) changed |= s.kind != Kind::keep && s.kind != Kind::wait;
      if (!changed && m.updating() == 0) return;
      m.tick();
    }
    BOOST_FAIL("it does not come to rest");
  }
  std::string version_of_api() {
    const SwarmSecret* s = m.secret(m.view.services[0].secret_ids[0]);
    return s->label_or(label::kSwarmVersion);
  }
  std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& s : m.view.secrets) out.push_back(s.name);
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_task_that_finds_no_room_has_its_service_go_back, One) {
  act(), act(), act();  // noted, a secret for it, the service moves
  SwarmService& s = m.view.services[0];
  BOOST_REQUIRE(s.update_state == "updating");
  s.start_first = true;
  s.secret_ids_before = {db};
  m.view.tasks.push_back({"new", s.id, s.secret_ids, "no suitable node (insufficient resources on 3 nodes)", 100'000});
  const auto goes_back = [&] {
    for (const SwarmStep& step : plan())
      if (step.kind == Kind::mark_no_room || step.kind == Kind::go_back)
        return step.service_id == s.id ? step.reason : "another one";
    return std::string();
  };
  wish.now_ms = 119'999;
  BOOST_TEST(goes_back() == "");  // what is about to end makes room
  wish.now_ms = 120'000;
  BOOST_TEST(goes_back() == "no suitable node (insufficient resources on 3 nodes)");
  s.start_first = false;  // the old task is gone: there is nothing to go back to
  BOOST_TEST(goes_back() == "");
  s.start_first = true;
  s.secret_ids_before = s.secret_ids;  // an update of its owner's
  BOOST_TEST(goes_back() == "");
  s.secret_ids_before = {};
  BOOST_TEST(goes_back() == "");
  s.secret_ids_before = {db};
  s.update_state = "rollback_started";
  BOOST_TEST(goes_back() == "");
  s.update_state = "updating";
  m.view.tasks.back().secret_ids = {db};  // one of the old ones, on a node that went
  BOOST_TEST(goes_back() == "");
}

BOOST_FIXTURE_TEST_CASE(what_found_no_room_is_held_back_while_the_new_task_starts_first, One) {
  act(), act(), act();
  SwarmService& s = m.view.services[0];
  s.start_first = true;
  s.secret_ids_before = {db};
  m.view.tasks.push_back({"new", s.id, s.secret_ids, "no suitable node", 100'000});
  wish.now_ms = 120'000;
  const auto marked = act();  // first, so that whoever leads next does not move it again
  BOOST_REQUIRE(marked.size() == 1u);
  BOOST_TEST((marked[0].kind == Kind::mark_no_room));
  const auto back = act();
  BOOST_REQUIRE(back.size() == 1u);
  BOOST_TEST((back[0].kind == Kind::go_back));
  m.view.tasks.pop_back();
  settle();
  BOOST_TEST(version_of_api() == "v1");
  const auto held = plan();
  BOOST_REQUIRE(held.size() == 1u);
  BOOST_TEST((held[0].kind == Kind::keep));
  BOOST_TEST(held[0].reason.find("held back until it has the update order stop-first") != std::string::npos);
  s.start_first = false;  // an update of its owner's, which begins without a word of the one before
  s.update_state = "";
  settle();
  BOOST_TEST(version_of_api() == "v2");
}

BOOST_FIXTURE_TEST_CASE(a_new_version_gets_a_secret_of_its_own_then_the_service_moves, One) {
  auto noted = act();
  BOOST_REQUIRE(noted.size() == 1u);
  BOOST_TEST((noted[0].kind == Kind::note_version));
  BOOST_TEST(noted[0].version == "v1");  // as it was served, though the store is further already
  auto first = act();
  BOOST_REQUIRE(first.size() == 1u);
  BOOST_TEST((first[0].kind == Kind::create_secret));
  BOOST_TEST(first[0].secret == "db.2");
  BOOST_TEST(first[0].version == "v2");
  auto second = act();
  BOOST_REQUIRE(second.size() == 1u);
  BOOST_TEST((second[0].kind == Kind::update_service));
  BOOST_TEST(second[0].reason == "'db' v1 → v2");
  BOOST_TEST(act().empty());  // while its tasks move
  settle();
  BOOST_TEST(version_of_api() == "v2");
  BOOST_TEST((names() == std::vector<std::string>{"db", "db.2"}));  // the user's own stays
  wish.versions["myapp/db"] = "v3";
  settle();
  BOOST_TEST(version_of_api() == "v3");
  BOOST_TEST((names() == std::vector<std::string>{"db", "db.3"}));
}

BOOST_FIXTURE_TEST_CASE(the_old_one_goes_only_when_every_task_has_moved, One) {
  settle();
  wish.versions["myapp/db"] = "v3";
  act();
  act();
  m.tick();
  m.tick();
  for (const auto& s : plan()) BOOST_TEST((s.kind != Kind::remove_secret));
  m.tick();
  m.tick();
  m.view.unread = {"tasks[3].ID is missing"};  // it may be what still uses it
  for (const auto& s : plan()) BOOST_TEST((s.kind != Kind::remove_secret));
  m.view.unread.clear();
  act();  // its settings are given back: no spec before names it any more
  int removals = 0;
  for (const auto& s : plan())
    if (s.kind == Kind::remove_secret) {
      ++removals;
      BOOST_TEST(s.secret == "db.2");
    }
  BOOST_TEST(removals == 1);
}

BOOST_FIXTURE_TEST_CASE(a_bad_version_is_rolled_back_and_held_back, One) {
  m.bad["myapp/db"].insert("v2");
  settle();
  BOOST_TEST(version_of_api() == "v1");
  BOOST_TEST(m.marked == 1);
  BOOST_TEST(m.updates == 1);
  const auto held = plan();
  BOOST_REQUIRE(held.size() == 1u);
  BOOST_TEST((held[0].kind == Kind::keep));
  BOOST_TEST(held[0].reason.find("held back") != std::string::npos);
  wish.versions["myapp/db"] = "v3";
  settle();
  BOOST_TEST(version_of_api() == "v3");
  BOOST_TEST((names() == std::vector<std::string>{"db", "db.3"}));
}

/// Between two tasks none is of the version before, and Swarm goes back to that all the same; so does `docker service rollback`.
BOOST_FIXTURE_TEST_CASE(what_a_service_can_go_back_to_is_kept, One) {
  settle();
  wish.versions["myapp/db"] = "v3";
  SwarmService& api = m.view.services[0];
  while (api.secret_ids_before.empty() || version_of_api() != "v3") act();
  const std::string before = api.secret_ids_before.at(0);
  for (SwarmTask& t : m.view.tasks) t.secret_ids = api.secret_ids;
  const auto removes = [&] {
    const auto steps = plan();
    return std::any_of(steps.begin(), steps.end(),
                       [&](const SwarmStep& s) { return s.kind == Kind::remove_secret && s.secret_id == before; });
  };
  for (const char* state : {"updating", "completed", "paused", ""}) {
    api.update_state = state;
    BOOST_TEST(!removes(), state);
  }
  api.secret_ids_before.clear();
  BOOST_TEST(removes());
}

/// The user's own secret is bound to the version that worked: what goes back to it must not get the one that failed.
BOOST_FIXTURE_TEST_CASE(the_users_own_keeps_its_version_while_it_can_be_gone_back_to, One) {
  while (m.view.services[0].secret_ids_before.empty()) act();
  SwarmService& api = m.view.services[0];
  for (SwarmTask& t : m.view.tasks) t.secret_ids = api.secret_ids;
  api.update_state = "completed";
  const auto notes = [&] {
    const auto steps = plan();
    return std::any_of(steps.begin(), steps.end(),
                       [&](const SwarmStep& s) { return s.kind == Kind::note_version && s.secret_id == db; });
  };
  BOOST_TEST(!notes());
  api.secret_ids_before.clear();
  BOOST_TEST(notes());
}

BOOST_FIXTURE_TEST_CASE(back_to_the_value_before_is_no_update, One) {
  m.bad["myapp/db"].insert("v2");
  settle();
  wish.versions["myapp/db"] = "v1";  // somebody put the old one back
  settle();
  BOOST_TEST(m.updates == 1);
  BOOST_TEST((names() == std::vector<std::string>{"db"}));
}

BOOST_FIXTURE_TEST_CASE(a_store_that_is_down_changes_nothing, One) {
  settle();
  wish.versions.clear();
  BOOST_TEST(plan().empty());
  wish.versions["myapp/db"] = "";
  BOOST_TEST(plan().empty());
}

BOOST_FIXTURE_TEST_CASE(who_did_not_opt_in_is_untouched, One) {
  m.view.services[0].labels.clear();
  BOOST_TEST(plan().empty());
  m.view.services[0].labels[label::kReloader] = "true";
  m.secret(db)->driver = "";  // a secret of Swarm's own
  BOOST_TEST(plan().empty());
}

BOOST_FIXTURE_TEST_CASE(what_nobody_saw_served_counts_as_the_newest, One) {
  wish.served.clear();
  settle();
  BOOST_TEST(m.updates == 0);
  BOOST_TEST(version_of_api() == "v2");
  wish.versions["myapp/db"] = "v3";
  settle();
  BOOST_TEST(m.updates == 1);
}

BOOST_FIXTURE_TEST_CASE(who_deploys_again_begins_with_the_newest_that_worked, One) {
  settle();
  BOOST_TEST(m.secret(db)->label_or(label::kSwarmVersion) == "v2");
  m.bad["myapp/db"].insert("v3");
  wish.versions["myapp/db"] = "v3";
  settle();
  BOOST_TEST(m.secret(db)->label_or(label::kSwarmVersion) == "v2");  // not the one that its tasks failed with
  BOOST_TEST(version_of_api() == "v2");
}

BOOST_FIXTURE_TEST_CASE(a_secret_of_services_that_did_not_opt_in_is_left_as_it_is, One) {
  const std::string other = m.add_secret("other");
  m.add_service("plain", {other}, 2, false);
  wish.versions["other"] = "9";
  settle();
  BOOST_TEST(m.secret(other)->labels.empty());
}

BOOST_FIXTURE_TEST_CASE(several_that_change_together_are_one_update, One) {
  const std::string tls = m.add_secret("tls");
  m.add_service("web", {db, tls}, 2);
  wish.versions["tls"] = "9";
  wish.served["tls"] = "8";
  settle();
  BOOST_TEST(m.updates == 2);  // api, web
  BOOST_TEST(m.created == 2);
}

BOOST_FIXTURE_TEST_CASE(no_more_services_at_once_than_allowed, One) {
  for (int i = 0; i < 9; ++i) m.add_service("s" + std::to_string(i), {db}, 4);
  wish.max_parallel = 3;
  int most = 0;
  for (int i = 0; i < 200; ++i) {
    act();
    most = std::max(most, m.updating());
    m.tick();
  }
  BOOST_TEST(most == 3);
  for (const auto& s : m.view.services) BOOST_TEST(m.secret(s.secret_ids[0])->label_or(label::kSwarmVersion) == "v2");
}

BOOST_FIXTURE_TEST_CASE(names_keep_clear_of_strangers, One) {
  m.add_secret("db.7");
  m.secret("s2")->driver = "";
  act();
  BOOST_TEST(plan()[0].secret == "db.8");
  const std::string longest(64, 'x');
  const std::string id = m.add_secret(longest);
  m.add_service("long", {id}, 1);
  wish.versions[longest] = "2";
  wish.served[longest] = "1";
  for (const auto& s : plan()) BOOST_TEST(s.secret.size() <= 64u);
  settle();
}

BOOST_AUTO_TEST_CASE(what_a_task_is_given) {
  const std::map<std::string, std::string> opted{{label::kReloader, "true"}},
      bound{{"dso.secret", "prod/db#password"}, {"dso.version", "v1"}};
  BOOST_TEST(swarm_ask("db", {}, opted).reference == "db");
  BOOST_TEST(swarm_ask("db", {}, opted).version.empty());
  BOOST_TEST(swarm_ask("db", bound, opted).reference == "prod/db#password");
  BOOST_TEST(swarm_ask("db", bound, opted).version == "v1");
  BOOST_TEST(swarm_ask("db", bound, {}).version.empty());
  BOOST_TEST(swarm_ask("db.2", {{label::kSwarmBase, "db"}}, opted).reference == "db");
}

BOOST_AUTO_TEST_CASE(a_managed_plugin_is_our_driver_too) {
  SwarmSecret s;
  for (const char* ours : {"dso", "dso:latest", "example/dso:1.0", "registry:5000/team/dso", "registry:5000/team/dso:2"}) {
    s.driver = ours;
    BOOST_TEST(is_driven(s), ours);
  }
  for (const char* other : {"", "vault", "dsox", "dso/vault:1", "mydso:latest"}) {
    s.driver = other;
    BOOST_TEST(!is_driven(s), other);
  }
}

BOOST_FIXTURE_TEST_CASE(what_the_store_is_asked_for, One) {
  m.add_service("plain", {m.add_secret("other")}, 1, false);
  BOOST_TEST((swarm_references(m.view) == std::vector<std::string>{"myapp/db"}));
}

BOOST_AUTO_TEST_CASE(any_walk_ends_well) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random(seed);
      const auto one_in = [&](unsigned n) { return random() % n == 0; };
      SwarmModel m;
      SwarmWish wish;
      std::vector<std::string> ids;
      for (int i = 0; i < 3; ++i) {
        const std::string name = "k" + std::to_string(i);
        ids.push_back(m.add_secret(name));
        wish.versions[name] = wish.served[name] = "0";
      }
      for (int i = 0; i < 4; ++i)
        m.add_service("s" + std::to_string(i), {ids[random() % 3], ids[random() % 3]}, 1 + static_cast<int>(random() % 3),
                      !one_in(4));
      const auto before = m.view.services;
      int version = 0;
      for (int turn = 0; turn < 120; ++turn) {
        if (turn < 80 && one_in(6)) {
          const std::string name = "k" + std::to_string(random() % 3);
          wish.versions[name] = std::to_string(++version);
          if (one_in(3)) m.bad[name].insert(std::to_string(version));
        }
        for (const SwarmStep& s : plan_swarm(m.view, wish)) {
          if (turn < 100 && one_in(3)) break;  // the manager dies here; another one looks anew
          m.apply(s);
        }
        BOOST_TEST(m.updating() <= wish.max_parallel);
        m.tick();
      }
      for (std::size_t i = 0; i < m.view.services.size(); ++i) {
        const SwarmService& s = m.view.services[i];
        if (!s.labels.contains(label::kReloader)) BOOST_TEST(s.secret_ids == before[i].secret_ids);
        if (!s.labels.contains(label::kReloader)) continue;
        for (const std::string& id : s.secret_ids) {
          const SwarmSecret* secret = m.secret(id);
          BOOST_REQUIRE(secret);
          const std::string name = secret->label_or(label::kSwarmBase, secret->name),
                            has = secret->label_or(label::kSwarmVersion);
          BOOST_TEST((has == wish.versions[name] || !m.bad.empty()));
          BOOST_TEST(!m.bad[name].contains(has));
        }
      }
      for (const SwarmStep& s : plan_swarm(m.view, wish)) BOOST_TEST((s.kind == Kind::keep));
      for (const SwarmSecret& s : m.view.secrets) {  // the users' own, what is used, and what is held back
        const bool used = std::any_of(m.view.services.begin(), m.view.services.end(), [&](const SwarmService& v) {
          return std::find(v.secret_ids.begin(), v.secret_ids.end(), s.id) != v.secret_ids.end();
        });
        const std::string base = s.label_or(label::kSwarmBase);
        BOOST_TEST((base.empty() || used || s.label_or(label::kSwarmVersion) == wish.versions[base]));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
